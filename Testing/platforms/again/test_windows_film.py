from Testing.volume.test_film import (  # noqa: F401
    test_labels_over_time_come_back_on_their_frames,
    test_phases_of_a_series_are_frames,
)
