from Testing.synthesis.conftest import *  # noqa: F403
from Testing.synthesis.test_dataset import *  # noqa: F403
