import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { imageOf } from '../image-of.ts'
import type { RenderInput } from '../rendered-file.ts'
import { composeMounts } from './compose-mounts.ts'
import { healthCheck } from './health-check.ts'
import type { ImageBuild } from './image-build.ts'
import { WORK_FOLDER } from './image-recipe.ts'

export interface ComposeServicePlan {
  readonly input: RenderInput
  /** How images are built, by service. */
  readonly builds: ReadonlyMap<string, ImageBuild>
  readonly service: ResolvedService
  /** Every service of the environment, by name. */
  readonly others: ReadonlyMap<string, ResolvedService>
  /** Undefined where only other services reach it. */
  readonly hostPort: number | undefined
}

/** On a developer's machine: the development stage with the sources mounted, reachable from this machine alone. */
export function developmentService(plan: ComposeServicePlan): object {
  const { builds, service, hostPort } = plan
  const image = builds.get(service.name)
  const isBuiltHere = hasNodeImage(image)
  const stage = isBuiltHere ? 'development' : image?.target
  const environment = environmentOf(plan, 'debug')
  const { configs, secrets } = composeMounts(service)
  const { after } = service.spec
  return {
    ...sourceOf(plan, image === undefined || stage === undefined ? undefined : { ...image, target: stage }),
    environment: isBuiltHere ? withoutMode(environment) : environment,
    ports: hostPort === undefined ? undefined : [`127.0.0.1:${hostPort}:${service.spec.port}`],
    volumes: sourceVolumes(image),
    configs: unlessEmpty(configs),
    secrets: unlessEmpty(secrets),
    depends_on: unlessEmpty(after),
  }
}

/** What production runs, on one machine. */
export function productionService(plan: ComposeServicePlan): object {
  const { input, builds, service, hostPort } = plan
  const released = input.images[service.name] !== undefined
  const image = builds.get(service.name)
  const { configs, secrets, areCopied } = composeMounts(service)
  return {
    ...sourceOf(plan, released ? undefined : image),
    restart: 'unless-stopped',
    environment: environmentOf(plan, 'error'),
    ports: hostPort === undefined ? undefined : [`${hostPort}:${service.spec.port}`],
    configs: unlessEmpty(configs),
    secrets: unlessEmpty(secrets),
    healthcheck: hasNodeImage(image) ? healthOf(service) : undefined,
    depends_on: conditionsOf(plan),
    stop_grace_period: `${service.spec.graceSeconds}s`,
    read_only: !areCopied,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  }
}

function sourceOf({ input, service }: ComposeServicePlan, image: ImageBuild | undefined): object {
  // A rendered image starts it by itself.
  const command = image?.text === undefined ? service.spec.command : undefined
  if (image === undefined) return { image: imageOf(input, service).image, command }
  const { context, dockerfile, target } = image
  return { build: { context: here(context), dockerfile, target }, command }
}

/** Sorted by name; null takes the value from the shell of whoever starts the file. The team's own word comes last. */
function environmentOf(
  { service, others }: ComposeServicePlan,
  level: string,
): Readonly<Record<string, string | null>> {
  const { spec, settings } = service
  const variables = {
    LOG_LEVEL: level,
    PORT: String(spec.port),
    ...addressesOf(settings.calls, others),
    ...spec.config,
    ...Object.fromEntries(
      spec.secrets.flatMap(({ as }) => (as.kind === 'variable' ? [[as.name, null]] : [])),
    ),
  }
  return Object.fromEntries(Object.entries(variables).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** As Kubernetes names them: `billing-api` is BILLING_API_SERVICE_HOST and BILLING_API_SERVICE_PORT. */
function addressesOf(
  calls: readonly string[],
  others: ReadonlyMap<string, ResolvedService>,
): Readonly<Record<string, string>> {
  const called = calls.flatMap(name => others.get(name) ?? [])
  return Object.fromEntries(
    called.flatMap(({ name, spec }) => {
      const prefix = `${name.toUpperCase().replaceAll('-', '_')}_SERVICE`
      return [
        [`${prefix}_HOST`, name],
        [`${prefix}_PORT`, String(spec.port)],
      ]
    }),
  )
}

/** The sources over those of the image; its node_modules stay, because they were installed for it. */
function sourceVolumes(image: ImageBuild | undefined): readonly string[] | undefined {
  if (image?.text === undefined) return undefined
  const { build, context } = image
  const sources = `${here(context)}:${WORK_FOLDER}`
  if (build.language === 'other') return [sources]
  // Without a `dev` script, what was built in the image runs, and would be hidden.
  if (build.scripts.dev === undefined && build.scripts.build !== undefined) return undefined
  return [sources, `${WORK_FOLDER}/node_modules`]
}

/** Such an image has a development stage, and a program that asks for its health. */
function hasNodeImage(image: ImageBuild | undefined): boolean {
  return image?.text !== undefined && image.build.language === 'node'
}

/** Its stage says that this is development, whatever the environment runs that is called so. */
function withoutMode({ NODE_ENV: _mode, ...others }: ReturnType<typeof environmentOf>): object {
  return others
}

function healthOf({ spec }: ResolvedService): object {
  const check = healthCheck(spec.health.liveness)
  return {
    test: ['CMD', ...check.command],
    interval: check.interval,
    timeout: check.timeout,
    start_period: check.startPeriod,
    retries: check.retries,
  }
}

function conditionsOf({ builds, service }: ComposeServicePlan): object | undefined {
  const { after } = service.spec
  if (after.length === 0) return undefined
  const conditions = after.map(name => {
    const condition = hasNodeImage(builds.get(name)) ? 'service_healthy' : 'service_started'
    return [name, { condition }] as const
  })
  return Object.fromEntries(conditions)
}

function here(context: string): string {
  return context === '' ? '.' : `./${context}`
}

function unlessEmpty<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values
}
