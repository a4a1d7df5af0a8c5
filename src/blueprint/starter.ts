import { SERVICE_DEFAULTS } from './defaults.ts'
import { isPlain } from './shown.ts'

/** A service as it was found in a folder, or as the user described it. */
export interface StarterService {
  readonly name: string
  /** A folder below the blueprint, or an image: one of the two. */
  readonly build?: string
  readonly image?: string
  readonly command?: string
  readonly port?: number
  readonly liveness?: string
  readonly readiness?: string
  /** Users reach it; other services are reached by services only. */
  readonly public?: boolean
}

export interface StarterOptions {
  readonly project: string
  readonly services: readonly StarterService[]
}

/** Where `sluice init` writes the JSON Schema that the first line names for editors. */
export const SCHEMA_FILE = '.sluice/schema.json'

/** A first blueprint with a word on each choice. */
export function starter({ project, services }: StarterOptions): string {
  return `# yaml-language-server: $schema=./${SCHEMA_FILE}
# One application in three environments. What is not written here has a documented default:
# \`sluice explain services.${services[0]?.name ?? 'web'}\` shows every value, environment by environment.
project: ${project}

services:
${services.map(serviceText).join('\n')}
environments: # in the order of promotion; what passed in one may enter the next
  dev: {}

  staging:
    mirrors: prod # has to be like prod, sizes and counts aside

  prod:
    # Asks for one peer, one business and one quality approval. A small team may begin with less:
    # gate: { approvals: { peer: 1 } }
    defaults: # for every service here
      replicas: 2
      # rollout: { steps: [5, 20, 100], bake: 10m, standby: 2h }
`
}

function serviceText(service: StarterService): string {
  const { name, build, image, command, port, liveness, readiness } = service
  const lines = [
    `  ${name}:`,
    image === undefined
      ? `    build: ${scalar(build ?? '.')} # built once; the same artifact goes through every environment`
      : `    image: ${scalar(image)} # released by digest, whatever the tag becomes`,
    ...(command === undefined ? [] : [`    command: ${commandText(command)}`]),
    ...(port === undefined || port === SERVICE_DEFAULTS.port ? [] : [`    port: ${port}`]),
    ...healthLines({ liveness, readiness }),
    ...(service.public === false
      ? []
      : ['    ingress: true # reached by users; a path such as /api takes a part']),
    '    # config: { LOG_LEVEL: info } # variables that everybody may read',
    '    # secrets: [DATABASE_URL] # names; values are kept by `sluice secret`',
  ]
  return `${lines.join('\n')}\n`
}

function healthLines(health: {
  readonly liveness: string | undefined
  readonly readiness: string | undefined
}): string[] {
  const standard = SERVICE_DEFAULTS.health
  const { liveness = standard.liveness.path, readiness = standard.readiness.path } = health
  if (liveness === standard.liveness.path && readiness === standard.readiness.path) {
    return [`    # health: ${liveness} says that it works, ${readiness} that it wants traffic`]
  }
  if (liveness === readiness) return [`    health: ${liveness}`]
  return [`    health: { liveness: ${liveness}, readiness: ${readiness} }`]
}

function commandText(command: string): string {
  // Signs that only a shell understands need the list form.
  if (/^[^"'`\\|&;<>()$*?#~\n]+$/.test(command)) return scalar(command)
  return JSON.stringify(['sh', '-c', command])
}

function scalar(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text)
}
