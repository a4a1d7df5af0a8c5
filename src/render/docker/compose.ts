import { isRecord } from '../../blueprint/plain-data.ts'
import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import type { RenderInput } from '../rendered-file.ts'
import { yamlDocuments } from '../yaml-text.ts'
import { type ComposeDatabase, composeDatabase } from './compose-database.ts'
import { composeMounts } from './compose-mounts.ts'
import { type ComposeServicePlan, developmentService, productionService } from './compose-service.ts'
import { hostPorts } from './host-ports.ts'
import { type ImageBuild, productionOf } from './image-build.ts'

const HTTP_PORT = 80

/** How images are built, by service. */
type Builds = ReadonlyMap<string, ImageBuild>

/** The first environment, on the machine of somebody who changes the sources. */
export function developmentCompose(input: RenderInput, builds: Builds): string {
  const environment = input.blueprint.environments[0]
  const services = environment?.services ?? []
  return composeText(input, {
    builds,
    stage: 'dev',
    services,
    ports: hostPorts(services, ({ spec }) => spec.port),
    render: developmentService,
    database: environment === undefined ? undefined : composeDatabase(environment),
  })
}

/** The first production environment, on one machine; users reach its public services at port 80 and those after it. */
export function productionCompose(input: RenderInput, builds: Builds): string {
  const services = productionOf(input.blueprint.environments)?.services ?? []
  return composeText(input, {
    builds,
    stage: 'prod',
    services,
    ports: hostPorts(
      services.filter(({ spec }) => spec.ingress.length > 0),
      () => HTTP_PORT,
    ),
    render: productionService,
    database: undefined,
  })
}

interface ComposeFile {
  readonly builds: Builds
  readonly stage: 'dev' | 'prod'
  readonly services: readonly ResolvedService[]
  readonly ports: ReadonlyMap<string, number>
  readonly render: (plan: ComposeServicePlan) => object
  readonly database: ComposeDatabase | undefined
}

function composeText(input: RenderInput, file: ComposeFile): string {
  const { stage, services, ports, render, database, builds } = file
  const others = new Map(services.map(service => [service.name, service]))
  const declared = services.map(service => composeMounts(service).declared)
  const content = {
    name: `${input.blueprint.project}-${stage}`,
    services: byName({
      ...Object.fromEntries(
        services.map(service => [
          service.name,
          render({ input, builds, service, others, hostPort: ports.get(service.name) }),
        ]),
      ),
      ...database?.services,
    }),
    volumes: unlessEmpty({ ...database?.volumes }),
    configs: unlessEmpty(Object.assign({}, ...declared.map(({ configs }) => configs))),
    secrets: unlessEmpty(Object.assign({}, ...declared.map(({ secrets }) => secrets), database?.secrets)),
  }
  return yamlDocuments(headerOf(input.blueprint.file), [literal(content)])
}

/** Compose would take `$NAME` in any text for a variable of the shell; two signs stand for one. */
function literal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$')
  if (Array.isArray(value)) return value.map(literal)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, literal(each)]))
}

type Named = Readonly<Record<string, object>>

function byName(map: Named): Named {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function unlessEmpty(map: Named): Named | undefined {
  return Object.keys(map).length === 0 ? undefined : byName(map)
}
