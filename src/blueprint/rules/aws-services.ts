import type { ServiceSettings } from '../service-settings.ts'
import { eachService, type Finding, type Rule } from './rule.ts'

/** What a load balancer takes as the path of a rule ("Condition types for listener rules"). */
const PATH_LENGTH = 126
const PATH = /^[A-Za-z0-9_.$/~"'@:+&()!,;=-]*$/

/** Services on Amazon ECS and EC2 ask for nothing that these do not have. */
export const awsServices: Rule = subject =>
  eachService(subject, ({ settings }, { environment, service, at }) => {
    const services = subject.environments[environment]?.services ?? {}
    const target = subject.environments[environment]?.settings.target
    if (target !== 'ecs' && target !== 'ec2') return []
    const unreachable = settings.calls.filter(name => services[name]?.settings.ingress.length === 0)
    return [
      ...unreachable.map(
        name =>
          ({
            severity: 'warning',
            path: at('calls'),
            what: `${name} has no ingress, and on ${target} nothing else leads from ${service} to it`,
            remedy: `give ${name} an ingress, or its address in the configuration`,
          }) as const,
      ),
      ...settings.ingress
        .filter(({ path }) => path.length > PATH_LENGTH || !PATH.test(path))
        .map(({ path }) => ({
          path: at('ingress'),
          what: `${path} is no path that a load balancer of AWS takes`,
          remedy: `write at most ${PATH_LENGTH} letters, digits and _ - . $ / ~ " ' @ : + & ( ) ! , ; =`,
        })),
      ...(target === 'ecs' ? shallowFiles(settings).map(each => ({ path: at('files'), ...each })) : []),
    ]
  })

/** On ECS the folder of a file is a volume: what the image has in it is hidden. */
function shallowFiles({ files, secrets }: ServiceSettings): Omit<Finding, 'path'>[] {
  const paths = [
    ...Object.keys(files),
    ...Object.values(secrets).flatMap(secret => (secret.kind === 'file' ? [secret.path] : [])),
  ]
  return paths
    .filter(path => path.split('/').length < 4)
    .map(path => ({
      what: `${path} would hide ${path.slice(0, path.lastIndexOf('/')) || '/'} of the image on ecs`,
      remedy: 'mount it in a folder of its own, two levels deep, such as /etc/config/settings.json',
    }))
}
