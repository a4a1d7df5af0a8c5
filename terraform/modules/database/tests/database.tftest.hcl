# Instances, clusters, copies in another region, and what is refused.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-1" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mock" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-0000-0000-000000000000" }
  }

  mock_resource "aws_db_instance" {
    defaults = { arn = "arn:aws:rds:ap-northeast-1:111122223333:db:shop-prod" }
  }

  mock_resource "aws_rds_cluster" {
    defaults = { id = "shop-prod", arn = "arn:aws:rds:ap-northeast-1:111122223333:cluster:shop-prod" }
  }
}

mock_provider "aws" {
  alias = "replica"

  mock_data "aws_region" {
    defaults = { name = "ap-southeast-1" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:ap-southeast-1:111122223333:key/11111111-1111-1111-1111-111111111111" }
  }

  mock_resource "aws_rds_cluster" {
    defaults = { id = "shop-prod-replica", arn = "arn:aws:rds:ap-southeast-1:111122223333:cluster:shop-prod-replica" }
  }
}

variables {
  name               = "shop-prod"
  engine             = "postgres"
  engine_version     = "17"
  instance_class     = "db.m6g.large"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-data"]
  tags               = { project = "shop" }
}

run "protected_instance" {
  command = apply

  assert {
    condition     = aws_db_instance.this["instance"].publicly_accessible == false && aws_db_instance.this["instance"].storage_encrypted && aws_db_instance.this["instance"].kms_key_id == aws_kms_key.this.arn
    error_message = "the database must be private and encrypted"
  }

  assert {
    condition     = aws_db_instance.this["instance"].multi_az && aws_db_instance.this["instance"].deletion_protection && !aws_db_instance.this["instance"].skip_final_snapshot && aws_db_instance.this["instance"].final_snapshot_identifier == "shop-prod-final"
    error_message = "the database must survive a zone and a mistake"
  }

  assert {
    condition     = aws_db_instance.this["instance"].manage_master_user_password && aws_db_instance.this["instance"].master_user_secret_kms_key_id == aws_kms_key.this.arn
    error_message = "Amazon RDS must keep the master password"
  }

  assert {
    condition     = aws_db_instance.this["instance"].max_allocated_storage == 100 && aws_db_instance.this["instance"].backup_retention_period == 7
    error_message = "storage must grow and backups must be kept"
  }

  assert {
    condition     = aws_db_parameter_group.this["instance"].family == "postgres17" && one(aws_db_parameter_group.this["instance"].parameter).name == "rds.force_ssl"
    error_message = "connections must be encrypted"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_log_group.this)) == toset(["postgresql", "upgrade"]) && aws_cloudwatch_log_group.this["upgrade"].name == "/aws/rds/instance/shop-prod/upgrade"
    error_message = "logs must have groups with retention"
  }

  assert {
    condition     = length(aws_rds_cluster.this) == 0 && length(aws_db_instance.replica) == 0 && length(aws_kms_key.replica) == 0
    error_message = "nothing else must be made"
  }

  assert {
    condition     = output.kind == "instance" && output.port == 5432 && output.replica_arn == null
    error_message = "what is made must be told"
  }
}

run "mysql_forces_tls_too" {
  command = apply

  variables {
    engine         = "mysql"
    engine_version = "8.4"
    instance_class = "db.t4g.micro"
    parameters     = { slow_query_log = "1" }
  }

  assert {
    condition     = aws_db_parameter_group.this["instance"].family == "mysql8.4" && { for parameter in aws_db_parameter_group.this["instance"].parameter : parameter.name => parameter.value } == { require_secure_transport = "1", slow_query_log = "1" }
    error_message = "connections must be encrypted, and further parameters set"
  }

  assert {
    condition     = aws_db_instance.this["instance"].performance_insights_enabled == false
    error_message = "the smallest classes of mysql have no Performance Insights"
  }

  assert {
    condition     = aws_db_instance.this["instance"].port == 3306
    error_message = "the port must be that of the engine"
  }
}

run "mariadb_family" {
  command = plan

  variables {
    engine         = "mariadb"
    engine_version = "11.8.3"
  }

  assert {
    condition     = aws_db_parameter_group.this["instance"].family == "mariadb11.8"
    error_message = "the family must be made of the first two parts of the version"
  }
}

run "aurora_cluster" {
  command = apply

  variables {
    engine         = "aurora-mysql"
    engine_version = "8.0.mysql_aurora.3.10.0"
    instance_class = "db.r6g.large"
  }

  assert {
    condition     = aws_rds_cluster.this["cluster"].storage_encrypted && aws_rds_cluster.this["cluster"].manage_master_user_password && aws_rds_cluster.this["cluster"].deletion_protection
    error_message = "the cluster must be encrypted and protected"
  }

  assert {
    condition     = toset(keys(aws_rds_cluster_instance.this)) == toset(["1", "2"]) && alltrue([for instance in aws_rds_cluster_instance.this : instance.publicly_accessible == false])
    error_message = "two private instances must stand in for each other"
  }

  assert {
    condition     = aws_rds_cluster_parameter_group.this["cluster"].family == "aurora-mysql8.0" && one(aws_rds_cluster_parameter_group.this["cluster"].parameter).value == "ON"
    error_message = "connections must be encrypted"
  }

  assert {
    condition     = length(aws_db_instance.this) == 0 && output.kind == "cluster"
    error_message = "an Aurora cluster is no instance"
  }
}

run "aurora_in_one_zone" {
  command = plan

  variables {
    engine         = "aurora-postgresql"
    engine_version = "17.5"
    instance_class = "db.t4g.medium"
    multi_az       = false
  }

  assert {
    condition     = toset(keys(aws_rds_cluster_instance.this)) == toset(["1"]) && aws_rds_cluster_parameter_group.this["cluster"].family == "aurora-postgresql17"
    error_message = "one instance is enough where nothing has to take over"
  }
}

run "replica_in_another_region" {
  command = apply

  state_key = "replica"

  variables {
    master_password = "only-for-this-test-0"
    replica         = { subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-x"], instance_class = "db.m6g.xlarge" }
  }

  assert {
    condition     = aws_db_instance.replica["instance"].replicate_source_db == aws_db_instance.this["instance"].arn && aws_db_instance.replica["instance"].instance_class == "db.m6g.xlarge"
    error_message = "the replica must copy the database"
  }

  assert {
    condition     = aws_db_instance.replica["instance"].kms_key_id == "arn:aws:kms:ap-southeast-1:111122223333:key/11111111-1111-1111-1111-111111111111" && aws_db_instance.replica["instance"].publicly_accessible == false
    error_message = "the replica must be private and encrypted with a key of its region"
  }

  assert {
    condition     = aws_db_instance.this["instance"].manage_master_user_password == null && aws_db_instance.this["instance"].password_wo == null
    error_message = "the password must be given and must not be in the state"
  }

  assert {
    condition     = contains(flatten([for statement in data.aws_iam_policy_document.key["replica"].statement : [for condition in statement.condition : condition.values]]), "rds.ap-southeast-1.amazonaws.com")
    error_message = "the key of the replica must be used in its region"
  }
}

run "global_database" {
  command = apply

  state_key = "global"

  variables {
    engine          = "aurora-postgresql"
    engine_version  = "17.5"
    instance_class  = "db.r6g.large"
    master_password = "only-for-this-test-0"
    replica         = { subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-x"], multi_az = true }
  }

  assert {
    condition     = aws_rds_global_cluster.this["cluster"].source_db_cluster_identifier == aws_rds_cluster.this["cluster"].arn && aws_rds_cluster.replica["cluster"].global_cluster_identifier == aws_rds_global_cluster.this["cluster"].id
    error_message = "the copy of a cluster must be a member of its global database"
  }

  assert {
    condition     = length(aws_rds_cluster_instance.replica) == 2 && aws_rds_cluster.replica["cluster"].storage_encrypted
    error_message = "the copy must be encrypted and survive a zone"
  }
}

run "refuses_a_public_database" {
  command = plan

  variables {
    publicly_accessible = true
  }

  expect_failures = [var.publicly_accessible]
}

run "refuses_an_unknown_engine" {
  command = plan

  variables {
    engine = "oracle-ee"
  }

  expect_failures = [var.engine]
}

run "refuses_an_instance_type_as_class" {
  command = plan

  variables {
    instance_class = "m6g.large"
  }

  expect_failures = [var.instance_class]
}

run "refuses_a_class_that_aurora_does_not_have" {
  command = plan

  variables {
    engine         = "aurora-postgresql"
    instance_class = "db.m6g.large"
  }

  expect_failures = [var.instance_class]
}

run "refuses_a_small_class_for_a_global_database" {
  command = plan

  variables {
    engine          = "aurora-postgresql"
    instance_class  = "db.t4g.medium"
    master_password = "only-for-this-test-0"
    replica         = { subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-x"] }
  }

  expect_failures = [var.instance_class]
}

run "refuses_a_replica_without_password" {
  command = plan

  variables {
    replica = { subnet_ids = ["subnet-x", "subnet-y"], security_group_ids = ["sg-x"] }
  }

  expect_failures = [var.master_password]
}

run "refuses_a_password_without_replica" {
  command = plan

  variables {
    master_password = "only-for-this-test-0"
  }

  expect_failures = [var.master_password]
}

run "refuses_growth_below_the_first_size" {
  command = plan

  variables {
    allocated_storage_gib     = 200
    max_allocated_storage_gib = 100
  }

  expect_failures = [var.max_allocated_storage_gib]
}

run "refuses_one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [var.subnet_ids]
}

run "refuses_backups_for_forty_days" {
  command = plan

  variables {
    backup_retention_days = 40
  }

  expect_failures = [var.backup_retention_days]
}

run "refuses_aurora_without_backups" {
  command = plan

  variables {
    engine                = "aurora-postgresql"
    instance_class        = "db.r6g.large"
    backup_retention_days = 0
  }

  expect_failures = [var.backup_retention_days]
}

run "refuses_unencrypted_connections" {
  command = plan

  variables {
    parameters = { "rds.force_ssl" = "0" }
  }

  expect_failures = [var.parameters]
}

run "refuses_logs_of_another_engine" {
  command = plan

  variables {
    log_exports = ["slowquery"]
  }

  expect_failures = [var.log_exports]
}

run "refuses_a_reserved_master_name" {
  command = plan

  variables {
    master_username = "admin"
  }

  expect_failures = [var.master_username]
}

run "refuses_odd_monitoring" {
  command = plan

  variables {
    enhanced_monitoring_seconds = 20
  }

  expect_failures = [var.enhanced_monitoring_seconds]
}

run "refuses_insights_for_thirty_days" {
  command = plan

  variables {
    performance_insights_retention_days = 30
  }

  expect_failures = [var.performance_insights_retention_days]
}

run "refuses_a_window_without_a_day" {
  command = plan

  variables {
    maintenance_window = "18:30-19:30"
  }

  expect_failures = [var.maintenance_window]
}

run "refuses_a_name_with_two_hyphens" {
  command = plan

  variables {
    name = "shop--prod"
  }

  expect_failures = [var.name]
}
