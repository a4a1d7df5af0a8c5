import type { ServiceSettings } from '../service-settings.ts'
import { eachService, type Finding, type Rule } from './rule.ts'

/** What a ConfigMap may hold ("ConfigMaps", Kubernetes documentation). */
const MAX_CONFIG_BYTES = 1_048_576

/** Services on Kubernetes have names and paths that its objects may have. */
export const kubernetes: Rule = subject => {
  const names = new Set(subject.names.services)
  return eachService(subject, ({ settings }, { environment, service, at }) => {
    if (subject.environments[environment]?.settings.target !== 'kubernetes') return []
    return [
      ...nameProblems(service, names),
      ...settings.ingress
        .flatMap(({ path }) => pathProblem(path))
        .map(each => ({ path: at('ingress'), ...each })),
      ...(contentBytes(settings) > MAX_CONFIG_BYTES
        ? [
            {
              path: at('files'),
              what: 'holds more than 1 MiB of configuration, the most that a ConfigMap takes',
              remedy: 'put large files into the image',
            },
          ]
        : []),
    ]
  })
}

/** Each service has objects named `web-blue`, `web-green` and `web-preview` beside `web`. */
function nameProblems(service: string, names: ReadonlySet<string>): Finding[] {
  const path = ['services', service]
  const owner = ['-blue', '-green', '-preview'].flatMap(end => {
    const base = service.endsWith(end) ? service.slice(0, -end.length) : ''
    return names.has(base) ? [base] : []
  })[0]
  return [
    ...(/^\d/.test(service)
      ? [
          {
            path,
            what: 'begins with a digit, which a Service of Kubernetes may not',
            remedy: 'begin with a letter',
          },
        ]
      : []),
    ...(owner === undefined
      ? []
      : [{ path, what: `is what ${owner} calls a part of its own`, remedy: 'choose another name' }]),
  ]
}

function pathProblem(path: string): Omit<Finding, 'path'>[] {
  if (!/\/\/|\/\.{1,2}(?:\/|$)|%2f/i.test(path)) return []
  return [
    {
      what: `${path} is no path that an Ingress takes`,
      remedy: 'write it without //, /./, /../ and %2f',
    },
  ]
}

/** Of what stands in the blueprint itself; files that it names are limited when they are read. */
function contentBytes({ files, config }: ServiceSettings): number {
  const contents = Object.values(files).map(file => (file.kind === 'content' ? file.content : ''))
  return [...contents, ...Object.values(config)].reduce((sum, text) => sum + Buffer.byteLength(text), 0)
}
