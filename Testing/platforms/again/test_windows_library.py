from Testing.exemplars.conftest import *  # noqa: F403
from Testing.exemplars.test_library import *  # noqa: F403
