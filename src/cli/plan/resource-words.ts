/** What people call parts of the names of resource types. */
const WORDS: Readonly<Partial<Record<string, string>>> = {
  acm: 'ACM',
  alb: 'load balancer',
  api: 'API',
  autoscaling: 'auto scaling',
  cloudwatch: 'CloudWatch',
  db: 'database',
  ebs: 'EBS',
  ec2: 'EC2',
  ecr: 'ECR',
  ecs: 'ECS',
  efs: 'EFS',
  eip: 'public address',
  eks: 'EKS',
  iam: 'IAM',
  kms: 'KMS',
  lb: 'load balancer',
  nat: 'NAT',
  rds: 'RDS',
  route53: 'Route 53',
  s3: 'S3',
  scp: 'SCP',
  secretsmanager: 'Secrets Manager',
  sns: 'SNS',
  sqs: 'SQS',
  ssm: 'SSM',
  vpc: 'VPC',
}

/** `aws_lb_target_group` and 3 → `3 load balancer target groups`. */
export function countedType(type: string, count: number): string {
  const words = type
    .replace(/^(?:aws|kubernetes|random|tls)_/, '')
    .split('_')
    .map(word => WORDS[word] ?? word)
    .join(' ')
  return `${count} ${count === 1 ? words : plural(words)}`
}

function plural(words: string): string {
  if (/[^aeiou]y$/.test(words)) return `${words.slice(0, -1)}ies`
  return /(?:s|x|ch|sh)$/.test(words) ? `${words}es` : `${words}s`
}
