from Testing.methods.test_adapter_file import *  # noqa: F403
