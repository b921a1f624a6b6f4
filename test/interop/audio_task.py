"""The synapse as a Python neuron declares it; the README shows the same class."""

from typing import ClassVar, Optional

import bittensor as bt


class AudioTask(bt.Synapse):
    task_type: str = "transcription"
    input_data: str
    language: str = "en"
    output_data: Optional[str] = None
    processing_time: Optional[float] = None
    pipeline_model: Optional[str] = None
    error_message: Optional[str] = None

    required_hash_fields: ClassVar[tuple[str, ...]] = ("task_type", "input_data", "language")
