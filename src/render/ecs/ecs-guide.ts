import type { ResolvedBlueprint, ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import { targetGroupName } from '../names.ts'

/** What stands beside files that cannot have a first line of their own: where they come from and how to use them. */
export function ecsGuide(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): string {
  const { settings, account, name } = environment
  const missing = [
    ...(account === undefined ? ['`account`'] : []),
    ...(settings.region === undefined ? ['`region`'] : []),
  ]
  const body =
    missing.length > 0
      ? [
          `The blueprint says nothing of ${missing.join(' and ')} for ${name}: roles and secrets cannot be named without. Add it and render again.`,
        ]
      : usage(blueprint, environment)
  return `${[`<!-- ${headerOf(blueprint.file)} It holds for every file of this folder. -->`, '', `# Amazon ECS: ${name}`, '', ...body].join('\n')}\n`
}

function usage({ project }: ResolvedBlueprint, { name, settings, services }: ResolvedEnvironment): string[] {
  const service = services.find(({ spec }) => spec.ingress.length > 0)?.name ?? services[0]?.name ?? ''
  const group = targetGroupName({ project, environment: name, service }, 'blue')
  return [
    'Inputs of the AWS CLI, for teams that do without Terraform. Log groups, roles, secrets, network and target groups exist before;',
    'names of roles, log groups and secrets are those in the files. What AWS gives an id only when it exists is said in the command:',
    '',
    '```sh',
    `aws ecs register-task-definition --region ${settings.region} --cli-input-json file://${service}/task-definition.json`,
    `group=$(aws elbv2 describe-target-groups --names ${group} --query 'TargetGroups[0].TargetGroupArn' --output text)`,
    `aws ecs create-service --cli-input-json file://${service}/service-blue.json \\`,
    `  --load-balancers "targetGroupArn=$group,containerName=${service},containerPort=${services.find(each => each.name === service)?.spec.port}" \\`,
    "  --network-configuration 'awsvpcConfiguration={subnets=[…],securityGroups=[…],assignPublicIp=DISABLED}'",
    `aws application-autoscaling register-scalable-target --cli-input-json file://${service}/scaling-target.json`,
    `aws application-autoscaling put-scaling-policy --cli-input-json file://${service}/scaling-policy-cpu.json`,
    '```',
    '',
    '- Users are on blue at first; `service-green.json` has no tasks until the first rollout. Services that are replaced in place have blue only.',
    '- A service without a known image has no tasks either: `sluice promote` registers the task definition of a release with its digest.',
    '- `scaling-policy-requests.json` counts the requests of one target group: add its `ResourceLabel`, which AWS names when the group exists.',
    '- Secrets are named without the six characters that AWS adds; the permission to read them ends with `-??????`.',
  ]
}
