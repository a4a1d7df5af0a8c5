import type { ResolvedEnvironment, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import type { ScalingSpec } from '../../model/service-spec.ts'
import { healthCommand } from '../docker/health-check.ts'
import { imageOf } from '../image-of.ts'
import { jsonText } from '../json-text.ts'
import { familyName, logGroupName, secretName, slotName, taskRoleName } from '../names.ts'
import type { RenderedFile, Renderer, RenderInput } from '../rendered-file.ts'
import { ecsGuide } from './ecs-guide.ts'
import { ecsScaling } from './ecs-scaling.ts'
import { colorsOf, ecsService } from './ecs-service.ts'
import { taskDefinition } from './task-definition.ts'

/** Task definition, services and scaling of every service, as inputs of the AWS CLI, for teams without Terraform. */
export const renderEcs: Renderer = input =>
  input.blueprint.environments
    .filter(({ settings }) => settings.target === 'ecs')
    .flatMap(environment => environmentFiles(input, environment))

function environmentFiles(input: RenderInput, environment: ResolvedEnvironment): RenderedFile[] {
  const { account, settings, services, name } = environment
  const file = (path: string, text: () => string): RenderedFile => ({
    path: `ecs/${name}/${path}`,
    environment: name,
    text,
  })
  const guide = file('README.md', () => ecsGuide(input.blueprint, environment))
  // Roles and secrets are named by account and region; the guide says what is missing.
  if (account === undefined || settings.region === undefined) return [guide]
  const place: Place = { input, environment, account: account.id, region: settings.region }
  return [
    guide,
    ...services.flatMap(service =>
      Object.entries(serviceObjects(place, service)).map(([path, object]) =>
        file(`${service.name}/${path}.json`, () => jsonText(object())),
      ),
    ),
  ]
}

interface Place {
  readonly input: RenderInput
  readonly environment: ResolvedEnvironment
  readonly account: string
  readonly region: string
}

function serviceObjects(place: Place, service: ResolvedService): Record<string, () => object> {
  const { scaling } = service.spec
  const services = colorsOf(service.spec).map(color => [
    `service-${color}`,
    () =>
      ecsService({
        ...common(place, service),
        color,
        tier: place.environment.settings.tier,
        cluster: place.environment.settings.ecs.cluster,
        desiredCount: desiredCountOf(place, service, color),
      }),
  ])
  return {
    'task-definition': () => taskOf(place, service),
    ...Object.fromEntries(services),
    ...(scaling === undefined ? {} : scalingObjects(place, { service, scaling })),
  }
}

/** Users are on blue at first; without an image nothing can start. */
function desiredCountOf({ input }: Place, service: ResolvedService, color: 'blue' | 'green'): number {
  return color === 'blue' && imageOf(input, service).known ? service.spec.replicas : 0
}

function common({ input, environment }: Place, { name, spec, settings }: ResolvedService) {
  const names = { project: input.blueprint.project, environment: environment.name, service: name }
  return {
    family: familyName(names),
    service: name,
    spec,
    capacity: capacityOf(environment, settings.spot),
    tags: {
      ...settings.labels,
      'sluice:project': names.project,
      'sluice:environment': names.environment,
      'sluice:service': name,
    },
  }
}

/** Spot where the whole environment wants it, or where this service may be interrupted. */
function capacityOf({ settings }: ResolvedEnvironment, isSpot: boolean) {
  return settings.ecs.capacity === 'fargate' && isSpot ? 'fargate-spot' : settings.ecs.capacity
}

function taskOf(place: Place, service: ResolvedService): object {
  const { input, environment, account, region } = place
  const names = { project: input.blueprint.project, environment: environment.name, service: service.name }
  const role = (kind: 'execution' | 'task') => `arn:aws:iam::${account}:role/${taskRoleName(names, kind)}`
  const secretArn = (secret: string) =>
    `arn:aws:secretsmanager:${region}:${account}:secret:${secretName(names.project, names.environment, secret)}`
  const isNode = input.builds[service.name]?.language === 'node'
  return taskDefinition({
    ...common(place, service),
    image: imageOf(input, service).image,
    executionRoleArn: role('execution'),
    taskRoleArn: role('task'),
    region,
    logGroup: logGroupName(names.project, names.environment, service.name),
    secretArns: Object.fromEntries(service.spec.secrets.map(({ name }) => [name, secretArn(name)])),
    ...(isNode ? { healthCommand: healthCommand(service.spec.health.liveness.path) } : {}),
  })
}

function scalingObjects(
  { environment }: Place,
  { service, scaling }: { readonly service: ResolvedService; readonly scaling: ScalingSpec },
): Record<string, () => object> {
  const inputs = ecsScaling({
    cluster: environment.settings.ecs.cluster,
    ecsService: slotName(service.name, 'blue'),
    scaling,
    hasIngress: service.spec.ingress.length > 0,
  })
  return Object.fromEntries(Object.entries(inputs).map(([name, object]) => [`scaling-${name}`, () => object]))
}
