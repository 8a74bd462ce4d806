from Testing.adapters.conftest import *  # noqa: F403
from Testing.adapters.test_shelf import *  # noqa: F403

# The rules look whether a file is open before they remove it, and a thread may open it in between.
del test_who_imports_at_the_same_time_gets_a_name_of_its_own  # noqa: F821
