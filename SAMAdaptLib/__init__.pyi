"""The types of the names that ``__init__.py`` loads when they are used first."""

from SAMAdaptLib.adapters.fetch import fetch_adapter as fetch_adapter
from SAMAdaptLib.adapters.index import published_adapters as published_adapters
from SAMAdaptLib.adapters.publish import publish_adapters as publish_adapters
from SAMAdaptLib.adapters.shelf import Shelf as Shelf
from SAMAdaptLib.errors import InputError as InputError
from SAMAdaptLib.exemplars.library import Library as Library
from SAMAdaptLib.exemplars.select import suggest as suggest
from SAMAdaptLib.jobs.evaluate import evaluate as evaluate
from SAMAdaptLib.jobs.exemplars import add_exemplar as add_exemplar
from SAMAdaptLib.jobs.film import propagate_film as propagate_film
from SAMAdaptLib.jobs.folder.run import segment_folder as segment_folder
from SAMAdaptLib.jobs.folder.task import ScanTask as ScanTask
from SAMAdaptLib.jobs.load import load_model as load_model
from SAMAdaptLib.jobs.segment import correct as correct
from SAMAdaptLib.jobs.segment import propagate as propagate
from SAMAdaptLib.jobs.segment import segment as segment
from SAMAdaptLib.jobs.suggest.next_slices import next_slices as next_slices
from SAMAdaptLib.jobs.synthesize import synthesize as synthesize
from SAMAdaptLib.prompts.kinds import Mark as Mark
from SAMAdaptLib.prompts.ras import RasPrompts as RasPrompts
from SAMAdaptLib.study.run import run_study as run_study
from SAMAdaptLib.training.finetune import finetune as finetune
from SAMAdaptLib.volume.channels import join_channels as join_channels
from SAMAdaptLib.volume.film import read_film as read_film
from SAMAdaptLib.volume.film import write_film as write_film
from SAMAdaptLib.volume.segfile import read_labels as read_labels
from SAMAdaptLib.volume.segfile import write_segmentation as write_segmentation
from SAMAdaptLib.volume.volume import read_volume as read_volume

__version__: str
