"""Starts ministack, with what it lacks for this test put right from outside."""

import asyncio.base_events
import runpy
import socket

from ministack.core import lambda_runtime
from ministack.services.cloudformation import provisioners

ALARM = "AWS::CloudWatch::Alarm"


def without_delay(connection):
    """Its server leaves Nagle's algorithm on, which makes each call of an SDK wait 40 ms for an acknowledgement."""
    if connection.family in (socket.AF_INET, socket.AF_INET6) and connection.type == socket.SOCK_STREAM:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def accept_metric_math():
    """It refuses alarms over more than one metric, and evaluates none: such an alarm stands as one over a metric that there is not."""
    alarm = provisioners._RESOURCE_HANDLERS[ALARM]
    create = alarm["create"]

    def create_any(logical_id, props, stack_name):
        if props.get("Metrics"):
            props = {**props, "Metrics": None, "Namespace": "MetricMath", "MetricName": logical_id}
        return create(logical_id, props, stack_name)

    provisioners._RESOURCE_HANDLERS[ALARM] = {**alarm, "create": create_any}


def await_modules():
    """It loads ES modules by `require`, which takes none with a top-level `await`. Lambda loads them by `import`, and waits."""
    script = lambda_runtime._NODEJS_WORKER_SCRIPT
    refusal = 'reqErr.code === "ERR_REQUIRE_ESM"'
    if refusal not in script:
        raise RuntimeError("ministack loads modules in another way now: see whether this can be dropped")
    either = f'({refusal} || reqErr.code === "ERR_REQUIRE_ASYNC_MODULE")'
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(refusal, either)


asyncio.base_events._set_nodelay = without_delay
accept_metric_math()
await_modules()
runpy.run_module("ministack", run_name="__main__")
