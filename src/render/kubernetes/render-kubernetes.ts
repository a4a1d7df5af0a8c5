import type { ResolvedEnvironment } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import type { RenderedFile, Renderer, RenderInput } from '../rendered-file.ts'
import { yamlDocuments } from '../yaml-text.ts'
import { access } from './access.ts'
import { clusterConfig } from './cluster-config.ts'
import { environmentLabels } from './labels.ts'
import { namespace } from './namespace.ts'
import { networkPlan } from './network-plan.ts'
import { networkPolicies } from './network-policies.ts'
import { isAlb, type RoutePlan, routePlan } from './route-plan.ts'
import { releaseObjects, stateObjects } from './service-objects.ts'
import { namespaceOf, servicePlan } from './service-plan.ts'

/** Every file of every environment whose target is Kubernetes. */
export const renderKubernetes: Renderer = input =>
  input.blueprint.environments
    .filter(({ settings }) => settings.target === 'kubernetes')
    .flatMap(environment => environmentFiles(input, environment))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))

interface ObjectFile {
  readonly path: string
  /** Worked out when the file is asked for. */
  readonly objects: () => readonly object[]
}

function environmentFiles(input: RenderInput, environment: ResolvedEnvironment): readonly RenderedFile[] {
  const folder = `kubernetes/${environment.name}`
  const route = routePlan(input.blueprint, environment)
  const files = [
    ...clusterFile(`${folder}.eksctl.yaml`, input, environment),
    ...sharedFiles(folder, input, environment),
    ...serviceFiles(folder, input, { environment, route }),
  ]
  return files.map(({ path, objects }) => ({
    path,
    environment: environment.name,
    text: () => yamlDocuments(headerOf(input.blueprint.file), objects()),
  }))
}

/** Beside the folder, not in it: kubectl takes every file of the folder for objects of the cluster. */
function clusterFile(
  path: string,
  { blueprint }: RenderInput,
  environment: ResolvedEnvironment,
): readonly ObjectFile[] {
  const config = clusterConfig(blueprint, environment)
  return config === undefined ? [] : [{ path, objects: () => [config] }]
}

/** kubectl takes files in the order of their names: the namespace has to come first, and does. */
function sharedFiles(
  folder: string,
  { blueprint }: RenderInput,
  environment: ResolvedEnvironment,
): readonly ObjectFile[] {
  const { project, roles } = blueprint
  const name = namespaceOf(environment)
  const labels = environmentLabels({ project, environment: environment.name })
  const balanced = isAlb(environment.settings.kubernetes)
  const routed = environment.settings.kubernetes.switch === 'gateway'
  const levels = Object.fromEntries(
    Object.entries(roles).map(([role, each]) => [role, each.levels[environment.name] ?? 'none']),
  )
  return [
    { path: `${folder}/namespace.yaml`, objects: () => [namespace({ name, labels, balanced })] },
    { path: `${folder}/network.yaml`, objects: () => networkPolicies(networkPlan(blueprint, environment)) },
    {
      path: `${folder}/roles.yaml`,
      objects: () => access({ project, namespace: name, labels, levels, routed }),
    },
  ]
}

function serviceFiles(
  folder: string,
  input: RenderInput,
  { environment, route }: { readonly environment: ResolvedEnvironment; readonly route: RoutePlan },
): readonly ObjectFile[] {
  return environment.services.flatMap(service => [
    {
      path: `${folder}/service-${service.name}.yaml`,
      objects: () => stateObjects(servicePlan(input, environment, service)),
    },
    {
      path: `${folder}/release/${service.name}.yaml`,
      objects: () => releaseObjects(servicePlan(input, environment, service), route),
    },
  ])
}
