from Testing.adapters.conftest import *  # noqa: F403
from Testing.adapters.test_signature import *  # noqa: F403

# Rights as the other systems have them.
del test_keys_are_for_their_owner_alone_and_never_overwritten  # noqa: F821
