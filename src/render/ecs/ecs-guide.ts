import type {
  ResolvedBlueprint,
  ResolvedEnvironment,
  ResolvedService,
} from '../../blueprint/resolve-blueprint.ts'
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

function usage(blueprint: ResolvedBlueprint, environment: ResolvedEnvironment): string[] {
  const { services } = environment
  const service = services.find(({ spec }) => spec.ingress.length > 0) ?? services[0]
  return [
    'Inputs of the AWS CLI, for teams that do without Terraform. Cluster, log groups, roles, secrets, network and target groups exist',
    'before; the cluster has the capacity providers that the files name, and names of roles, log groups and secrets are those in the files. What AWS gives an id only when it exists is said in the command:',
    '',
    '```sh',
    `export AWS_REGION=${environment.settings.region}`,
    ...(service === undefined ? [] : commands(blueprint, environment, service)),
    '```',
    '',
    '- Users are on blue at first; `service-green.json` has no tasks until the first rollout. Services that are replaced in place have blue only.',
    '- A service without a known image has no tasks either: `sluice render --release r-…` or `--image` names it by digest.',
    ...(services.some(countsRequests)
      ? [
          '- `scaling-policy-requests.json` counts the requests of one target group: add its `ResourceLabel`, which AWS names when the group exists.',
        ]
      : []),
    '- Secrets are named without the six characters that AWS adds; the permission to read them ends with `-??????`.',
    ...misread(services),
  ]
}

function commands(
  { project }: ResolvedBlueprint,
  { name: environment }: ResolvedEnvironment,
  { name: service, spec }: ResolvedService,
): string[] {
  const group = targetGroupName({ project, environment, service }, 'blue')
  const scaling = 'aws application-autoscaling'
  return [
    `aws ecs register-task-definition --cli-input-json file://${service}/task-definition.json`,
    ...(spec.ingress.length === 0
      ? []
      : [
          `group=$(aws elbv2 describe-target-groups --names ${group} --query 'TargetGroups[0].TargetGroupArn' --output text)`,
        ]),
    `aws ecs create-service --cli-input-json file://${service}/service-blue.json \\`,
    ...(spec.ingress.length === 0
      ? []
      : [
          `  --load-balancers "targetGroupArn=$group,containerName=${service},containerPort=${spec.port}" \\`,
        ]),
    "  --network-configuration 'awsvpcConfiguration={subnets=[…],securityGroups=[…],assignPublicIp=DISABLED}'",
    ...(spec.scaling === undefined
      ? []
      : [`${scaling} register-scalable-target --cli-input-json file://${service}/scaling-target.json`]),
    ...(spec.scaling?.cpu === undefined
      ? []
      : [`${scaling} put-scaling-policy --cli-input-json file://${service}/scaling-policy-cpu.json`]),
  ]
}

const countsRequests = ({ spec }: ResolvedService): boolean =>
  spec.ingress.length > 0 && spec.scaling?.requestsPerTarget !== undefined

/** Secrets Manager takes the end of such a name for what it adds itself ("What's in a Secrets Manager secret?", ARN). */
function misread(services: readonly ResolvedService[]): string[] {
  const names = services.flatMap(({ spec }) => spec.secrets.map(({ name }) => name))
  const ending = [...new Set(names)].filter(name => /-[A-Za-z0-9]{6}$/.test(name)).toSorted()
  if (ending.length === 0) return []
  return [
    `- ${ending.map(name => `\`${name}\``).join(', ')}: a hyphen and six characters at the end are taken for those of AWS. Write the whole ARN into the file, or choose another name.`,
  ]
}
