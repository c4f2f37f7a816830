"""Starts ministack, with what it lacks for this test put right from outside."""

import asyncio.base_events
import runpy
import socket

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


asyncio.base_events._set_nodelay = without_delay
accept_metric_math()
runpy.run_module("ministack", run_name="__main__")
