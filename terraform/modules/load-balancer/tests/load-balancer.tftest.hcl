# What the load balancer does with requests, and what is left to the pipeline.

mock_provider "aws" {
  mock_resource "aws_lb" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/shop-prod/50dc6c495c0c9188"
      arn_suffix = "app/shop-prod/50dc6c495c0c9188"
      dns_name   = "shop-prod-1.ap-northeast-1.elb.amazonaws.com"
      zone_id    = "Z14GRHDCWA56QT"
    }
  }

  mock_resource "aws_lb_listener" {
    defaults = {
      arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:listener/app/shop-prod/50dc6c495c0c9188/f2f7dc8efc522ab2"
    }
  }

  mock_resource "aws_lb_target_group" {
    defaults = {
      arn        = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:targetgroup/shop-prod-web/73e2d6bc24d8a067"
      arn_suffix = "targetgroup/shop-prod-web/73e2d6bc24d8a067"
    }
  }

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:ap-northeast-1:111122223333:certificate/asked-for"
    }
  }
}

variables {
  name               = "shop-prod"
  vpc_id             = "vpc-0123456789abcdef0"
  subnet_ids         = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  security_group_ids = ["sg-0123456789abcdef0"]
  certificate_arn    = "arn:aws:acm:ap-northeast-1:111122223333:certificate/abc"
  services = {
    web = {
      target_group_names = { blue = "shop-prod-web-blue", green = "shop-prod-web-green" }
      port               = 3000
      grace_seconds      = 45
      rules              = { all = { priority = 200, paths = ["/*"] } }
      test_priorities    = { blue = 1, green = 2 }
    }
    api = {
      target_group_names = { blue = "shop-prod-api-blue", green = "shop-prod-api-green" }
      port               = 3000
      target_type        = "instance"
      rules              = { api = { priority = 100, hosts = ["shop.example.com"], paths = ["/api", "/api/*"] } }
      test_priorities    = { blue = 3, green = 4 }
    }
  }
}

run "https_with_a_redirect" {
  command = plan

  assert {
    condition     = aws_lb_listener.https[0].protocol == "HTTPS" && aws_lb_listener.https[0].ssl_policy == "ELBSecurityPolicy-TLS13-1-2-2021-06" && aws_lb_listener.https[0].certificate_arn == var.certificate_arn
    error_message = "Users should reach HTTPS from TLS 1.2 on, with the certificate that is given."
  }

  assert {
    condition     = aws_lb_listener.https[0].default_action[0].fixed_response[0].status_code == "404"
    error_message = "What no rule knows should be answered with 404."
  }

  assert {
    condition     = aws_lb_listener.http[0].default_action[0].redirect[0].status_code == "HTTP_301" && aws_lb_listener.http[0].default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "Plain HTTP should be sent to HTTPS."
  }

  assert {
    condition     = aws_lb.this[0].drop_invalid_header_fields && aws_lb.this[0].enable_deletion_protection && !aws_lb.this[0].internal
    error_message = "The load balancer should drop invalid headers and refuse to be deleted."
  }

  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.alias) == 0
    error_message = "Neither certificate nor record should be made unless they are asked for."
  }
}

run "each_service_has_two_groups" {
  command = plan

  assert {
    condition     = toset([for group in aws_lb_target_group.color : group.name]) == toset(["shop-prod-web-blue", "shop-prod-web-green", "shop-prod-api-blue", "shop-prod-api-green"])
    error_message = "Each service should have a blue and a green target group."
  }

  assert {
    condition     = aws_lb_target_group.color["web-green"].deregistration_delay == "45" && aws_lb_target_group.color["web-green"].health_check[0].port == "traffic-port"
    error_message = "A target should have the service's grace to finish its requests, and be checked where it serves."
  }

  assert {
    condition     = aws_lb_target_group.color["web-blue"].port == 80 && aws_lb_target_group.color["api-blue"].port == 3000 && aws_lb_target_group.color["api-blue"].target_type == "instance"
    error_message = "Instances should be registered at the service's port."
  }

  assert {
    condition     = alltrue([for group in aws_lb_target_group.color : !group.stickiness[0].enabled])
    error_message = "Nobody should be kept on a target unless it is asked for."
  }
}

run "preview_is_reached_by_header_only" {
  command = plan

  assert {
    condition     = aws_lb_listener.test[0].port == 8443 && aws_lb_listener.test[0].protocol == "HTTPS" && aws_lb_listener.test[0].default_action[0].fixed_response[0].status_code == "404"
    error_message = "The test listener should answer 404 unless a color is named."
  }

  assert {
    condition = toset(flatten([for condition in aws_lb_listener_rule.test["web-green"].condition : [for header in condition.http_header : "${header.http_header_name}: ${join(",", header.values)}"]])) == toset([
      "x-sluice-service: web", "x-sluice-color: green",
    ])
    error_message = "Green of web should be reached by the headers that name both."
  }

  assert {
    condition     = { for key, rule in aws_lb_listener_rule.test : key => rule.priority } == { web-blue = 1, web-green = 2, api-blue = 3, api-green = 4 }
    error_message = "Each color of each service should have a test rule at the priority that is given."
  }

  assert {
    condition     = output.preview_headers.web.green == { x-sluice-service = "web", x-sluice-color = "green" }
    error_message = "The headers should be told."
  }
}

run "rules_by_host_and_path" {
  command = plan

  assert {
    condition     = aws_lb_listener_rule.traffic["api/api"].priority == 100 && aws_lb_listener_rule.traffic["web/all"].priority == 200
    error_message = "Rules should have the priorities that are given."
  }

  assert {
    condition     = toset(flatten([for condition in aws_lb_listener_rule.traffic["api/api"].condition : [for host in condition.host_header : tolist(host.values)]])) == toset(["shop.example.com"])
    error_message = "The rule should ask for the host."
  }

  assert {
    condition     = toset(flatten([for condition in aws_lb_listener_rule.traffic["api/api"].condition : [for path in condition.path_pattern : tolist(path.values)]])) == toset(["/api", "/api/*"])
    error_message = "The rule should ask for the paths."
  }
}

run "green_is_named_with_weight_0" {
  assert {
    condition     = sort([for group in aws_lb_listener_rule.traffic["web/all"].action[0].forward[0].target_group : tostring(group.weight)]) == tolist(["0", "100"])
    error_message = "The rule should name both colors, all users on the first."
  }

  assert {
    condition     = length(aws_lb_listener_rule.traffic["web/all"].action[0].forward[0].stickiness) == 0
    error_message = "Nobody should be kept on a color unless it is asked for."
  }

  assert {
    condition     = output.request_count_labels.web.blue == "app/shop-prod/50dc6c495c0c9188/targetgroup/shop-prod-web/73e2d6bc24d8a067"
    error_message = "The label should be the one that target tracking takes."
  }
}

run "what_the_pipeline_sets_is_left_alone" {
  command = plan

  # Only the action would change: it is what the pipeline owns.
  variables {
    services = {
      web = {
        target_group_names   = { blue = "shop-prod-web-blue", green = "shop-prod-web-green" }
        port                 = 3000
        grace_seconds        = 45
        sticky_color_seconds = 600
        rules                = { all = { priority = 200, paths = ["/*"] } }
        test_priorities      = { blue = 1, green = 2 }
      }
    }
  }

  assert {
    condition     = length(aws_lb_listener_rule.traffic["web/all"].action[0].forward[0].stickiness) == 0
    error_message = "A plan should not change the action of a rule that exists."
  }
}

run "users_keep_their_color_where_asked" {
  command = plan

  variables {
    services = {
      shop = {
        target_group_names    = { blue = "sticky-blue", green = "sticky-green" }
        port                  = 3000
        sticky_color_seconds  = 600
        sticky_target_seconds = 60
        rules                 = { all = { priority = 300, paths = ["/*"] } }
        test_priorities       = { blue = 5, green = 6 }
      }
    }
  }

  assert {
    condition     = aws_lb_listener_rule.traffic["shop/all"].action[0].forward[0].stickiness[0].enabled && aws_lb_listener_rule.traffic["shop/all"].action[0].forward[0].stickiness[0].duration == 600
    error_message = "Users should keep their color for ten minutes."
  }

  assert {
    condition     = aws_lb_target_group.color["shop-blue"].stickiness[0].enabled && aws_lb_target_group.color["shop-blue"].stickiness[0].cookie_duration == 60
    error_message = "Users should keep their target for a minute."
  }
}

run "plain_http_for_development" {
  command = plan

  variables {
    certificate_arn  = null
    allow_plain_http = true
  }

  assert {
    condition     = length(aws_lb_listener.https) == 0 && aws_lb_listener.http[0].default_action[0].fixed_response[0].status_code == "404" && aws_lb_listener.test[0].protocol == "HTTP"
    error_message = "Without a certificate both listeners should speak plain HTTP."
  }

  assert {
    condition     = length(aws_lb_listener_rule.traffic) == 2
    error_message = "The rules should be there all the same."
  }
}

run "logs_of_requests" {
  command = plan

  variables {
    access_logs = { bucket = "shop-logs", prefix = "prod" }
    internal    = true
  }

  assert {
    condition     = aws_lb.this[0].access_logs[0].enabled && aws_lb.this[0].access_logs[0].bucket == "shop-logs" && aws_lb.this[0].internal
    error_message = "Requests should be logged to the bucket."
  }
}
