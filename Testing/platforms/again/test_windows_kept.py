from Testing.sam.test_kept import *  # noqa: F403
