from Testing.sam.test_checkpoints import *  # noqa: F403
