"""moto's server with the operations that Terraform's AWS provider calls and moto 5.2.1 lacks: python3 serve_moto.py PORT"""

import json
import os
import sys

# Roles get AWS's own policies, which moto knows only when asked to.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.budgets.responses import BudgetsResponse
from moto.server import main

tags_by_arn = {}


def keep_tags(response_class, operation, arn_of, parameter):
    """Lets an operation remember the tags that it is given; moto drops them."""
    original = getattr(response_class, operation)

    def remembering(self):
        answer = original(self)
        tags = self._get_param(parameter)
        if tags:
            tags_by_arn[arn_of(self, json.loads(answer))] = tags
        return answer

    setattr(response_class, operation, remembering)


def budget_arn(self, _answer):
    return f"arn:aws:budgets::{self.current_account}:budget/{self._get_param('Budget')['BudgetName']}"


keep_tags(ApplicationAutoScalingResponse, "register_scalable_target", lambda _, answer: answer["ScalableTargetARN"], "Tags")
keep_tags(BudgetsResponse, "create_budget", budget_arn, "ResourceTags")


def scaling_tags(self):
    return json.dumps({"Tags": tags_by_arn.get(self._get_param("ResourceARN"), {})})


def budget_tags(self):
    return json.dumps({"ResourceTags": tags_by_arn.get(self._get_param("ResourceARN"), [])})


def subscribers(self):
    budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
    asked = self._get_param("Notification")
    found = [each.subscribers for each in budget.notifications if same(each.details, asked)]
    return json.dumps({"Subscribers": found[0] if found else []})


def same(kept, asked):
    names = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    return all(kept.get(name) == asked.get(name) for name in names)


ApplicationAutoScalingResponse.list_tags_for_resource = scaling_tags
BudgetsResponse.list_tags_for_resource = budget_tags
BudgetsResponse.describe_subscribers_for_notification = subscribers

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
