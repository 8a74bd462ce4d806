from Testing.sam.test_cache import *  # noqa: F403
