import type { ResolvedEnvironment, ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { headerOf } from '../header.ts'
import { imageOf } from '../image-of.ts'
import type { RenderedFile, Renderer, RenderInput } from '../rendered-file.ts'
import { yamlDocuments } from '../yaml-text.ts'
import { access } from './access.ts'
import { clusterConfig } from './cluster-config.ts'
import { type EnvironmentPlan, environmentPlan, namespaceOf } from './environment-plan.ts'
import { environmentLabels } from './labels.ts'
import { namespace } from './namespace.ts'
import { networkPlan } from './network-plan.ts'
import { networkPolicies } from './network-policies.ts'
import { isAlb } from './route-plan.ts'
import { releaseObjects, stateObjects } from './service-objects.ts'
import { servicePlan } from './service-plan.ts'

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
  const plan = environmentPlan(input.blueprint, environment)
  const files = [
    ...clusterFile(`${folder}.eksctl.yaml`, input, environment),
    ...sharedFiles(folder, input, environment),
    ...serviceFiles(folder, input, { environment, plan }),
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
  const { route } = environmentPlan(blueprint, environment)
  const mountsSecrets = environment.account !== undefined
  const levels = Object.fromEntries(
    Object.entries(roles).map(([role, each]) => [role, each.levels[environment.name] ?? 'none']),
  )
  return [
    { path: `${folder}/namespace.yaml`, objects: () => [namespace({ name, labels, balanced })] },
    { path: `${folder}/network.yaml`, objects: () => networkPolicies(networkPlan(blueprint, environment)) },
    {
      path: `${folder}/roles.yaml`,
      objects: () => access({ project, namespace: name, labels, levels, route, mountsSecrets }),
    },
  ]
}

function serviceFiles(
  folder: string,
  input: RenderInput,
  { environment, plan }: { readonly environment: ResolvedEnvironment; readonly plan: EnvironmentPlan },
): readonly ObjectFile[] {
  // The service as the blueprint has it before any release: blue has the users.
  const planned = (service: ResolvedService) =>
    servicePlan(plan, { service: service.name, spec: service.spec, image: imageOf(input, service) })
  return environment.services.flatMap(service => [
    {
      path: `${folder}/service-${service.name}.yaml`,
      objects: () => stateObjects(planned(service)),
    },
    {
      path: `${folder}/release/${service.name}.yaml`,
      objects: () => releaseObjects(planned(service), plan.route),
    },
  ])
}
