"""Submits, watches and fetches a task with stubs generated from proto/. Usage: python_client.py STUBS ADDRESS"""

import sys

sys.path.insert(0, sys.argv[1])

import grpc  # noqa: E402
from audiosubnet.v1 import task_service_pb2 as service  # noqa: E402
from audiosubnet.v1 import task_service_pb2_grpc as stubs  # noqa: E402
from audiosubnet.v1 import task_pb2 as task  # noqa: E402

channel = grpc.insecure_channel(sys.argv[2])
tasks = stubs.TaskServiceStub(channel)

text = "The first sentence of this text says something. The second one says more of it."
spec = task.TaskSpec(summarization=task.Summarization(text=text), language="en")
submitted = tasks.SubmitTask(service.SubmitTaskRequest(request_id="python", task=spec), timeout=10)
again = tasks.SubmitTask(service.SubmitTaskRequest(request_id="python", task=spec), timeout=10)
assert again.deduplicated and again.task.id == submitted.task.id

states = [
    task.TaskState.Name(seen.task.state)
    for seen in tasks.WatchTask(service.WatchTaskRequest(id=submitted.task.id), timeout=30)
]
assert states[-1] == "TASK_STATE_COMPLETED", states

fetched = tasks.GetTask(service.GetTaskRequest(id=submitted.task.id), timeout=10).task
assert fetched.result.text and fetched.result.text[:10] in text

try:
    tasks.SubmitTask(service.SubmitTaskRequest(task=task.TaskSpec(language="en")), timeout=10)
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT, error
    assert any(key == "grpc-status-details-bin" for key, _ in error.trailing_metadata())
else:
    raise AssertionError("a task without a kind was accepted")

print("ok", submitted.task.id)
