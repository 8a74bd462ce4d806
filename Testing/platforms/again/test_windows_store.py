from Testing.service.test_store import *  # noqa: F403
