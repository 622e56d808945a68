"""Makes scalars.tfevents: what TensorBoard's own writer makes of some scalars at a fixed time.

    python make_events.py          (tensorboard 2.21.0)
"""

import os

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

HERE = os.path.dirname(os.path.abspath(__file__))
TIME = 1234567890.5

with open(os.path.join(HERE, "scalars.tfevents"), "wb") as out:
    writer = RecordWriter(out)
    writer.write(event_pb2.Event(wall_time=TIME, file_version="brain.Event:2").SerializeToString())
    for step, tag, value in [(0, "loss/train", 2.25), (1, "loss/train", 0.1), (300, "top1/val", 0.875), (1 << 40, "größe", -1e30)]:
        summary = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, simple_value=value)])
        writer.write(event_pb2.Event(wall_time=TIME, step=step, summary=summary).SerializeToString())
    writer.flush()
