import { parseBlueprint } from '../../../../blueprint/parse.ts'
import { resolveBlueprint } from '../../../../blueprint/resolve-blueprint.ts'
import { COLORS, type Color, type Weights } from '../../../../model/color.ts'
import type { Fence } from '../../../../model/fence.ts'
import { type EnvironmentPlan, environmentPlan } from '../../../../render/kubernetes/environment-plan.ts'
import type { KubernetesObject } from '../../../../render/kubernetes/kubernetes-object.ts'
import { selectorOf } from '../../../../render/kubernetes/labels.ts'
import { stateObjects } from '../../../../render/kubernetes/service-objects.ts'
import { type ServicePlan, servicePlan } from '../../../../render/kubernetes/service-plan.ts'
import { slotName } from '../../../../render/names.ts'
import type { ClusterObject, LiveMetadata } from '../../api/cluster-object.ts'
import type { ColorEntry, Ledger, Move } from '../../ledger.ts'
import { conditionOf, isTrue, type Pod } from '../../live-objects.ts'
import type { ServiceView } from '../../service-view.ts'
import type { HttpRoute, LiveService } from '../live-routes.ts'
import type { Switch } from '../switch.ts'

export interface PlannedWeb {
  readonly environment: EnvironmentPlan
  readonly plan: ServicePlan
}

/** The service `web` in the environment `prod`, of a blueprint's words on both. */
export function plannedWeb(o: { readonly kubernetes: string; readonly service?: string }): PlannedWeb {
  const yaml = `
project: shop
services: { web: { build: ./web, ${o.service ?? 'ingress: true'} } }
environments: { prod: { tier: development, target: kubernetes, kubernetes: { namespace: shop, ${o.kubernetes} } } }`
  const result = parseBlueprint(yaml, {
    file: 'sluice.yaml',
    hasFolder: () => true,
    readFile: () => ({ ok: true, content: '' }),
  })
  if (!result.ok) throw new Error(JSON.stringify(result.problems))
  const blueprint = resolveBlueprint(result.blueprint)
  const [prod] = blueprint.environments
  const [web] = prod?.services ?? []
  if (prod === undefined || web === undefined) throw new Error('the blueprint has no web in prod')
  const environment = environmentPlan(blueprint, prod)
  const image = { image: 'registry.example.com/web@sha256:1', known: true }
  return { environment, plan: servicePlan(environment, { service: web.name, spec: web.spec, image }) }
}

let versions = 0

/** An object as it stands after it was applied. */
export function live(object: KubernetesObject, more: Partial<LiveMetadata> = {}): ClusterObject {
  versions += 1
  const metadata = {
    uid: `${object.kind}-${object.metadata.name}`,
    resourceVersion: String(versions),
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
  }
  return { ...object, metadata: { ...metadata, ...object.metadata, ...more } }
}

/** A ready pod; its name is its uid as well. */
export function pod(
  color: Color,
  name: string,
  o: { readonly ready?: boolean; readonly ending?: boolean } = {},
) {
  const labels = selectorOf('web', color)
  const ready = { type: 'Ready', status: o.ready === false ? 'False' : 'True' }
  return live(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: { containers: [] },
      status: { conditions: [ready] },
    },
    { uid: name, ...(o.ending === true ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}) },
  )
}

/** Both colors with two instances each, and nobody sent anywhere. */
export function closedView({ environment, plan }: PlannedWeb): ServiceView {
  const pods = COLORS.flatMap(color => [1, 2].map(number => pod(color, `${color}-${number}`)))
  const services = stateObjects(plan).filter(({ kind }) => kind === 'Service')
  const view: ServiceView = {
    environment,
    service: plan.service,
    ledger: undefined,
    deployments: Object.fromEntries(COLORS.map(color => [color, deploymentOf(color, 2)])),
    replicaSets: [],
    pods,
    services: new Map(services.map(object => [object.metadata.name, live(object)])),
    endpoints: new Map(),
    routes: [],
    autoscaler: undefined,
  }
  return withEndpoints(view)
}

export function deploymentOf(
  color: Color,
  replicas: number,
  annotations: Readonly<Record<string, string>> = {},
): ClusterObject {
  const name = slotName('web', color)
  const template = { metadata: { annotations }, spec: { containers: [] } }
  return live({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { replicas, template } })
}

/** As the EndpointSlice controller leaves it. */
export function withEndpoints(view: ServiceView): ServiceView {
  const endpoints = [...view.services].map(([name, object]) => {
    const selector = Object.entries((object as LiveService).spec?.selector ?? {})
    const chosen = view.pods.filter(({ metadata }) =>
      selector.every(([label, value]) => metadata.labels?.[label] === value),
    )
    return [name, [sliceOf(name, chosen)]] as const
  })
  return { ...view, endpoints: new Map(endpoints) }
}

function sliceOf(service: string, pods: readonly ClusterObject[]): ClusterObject {
  const endpoints = pods.map(each => ({
    conditions: { ready: isReady(each as Pod) },
    targetRef: { kind: 'Pod', name: each.metadata.name, uid: each.metadata.uid },
  }))
  return live({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-1` },
    endpoints,
  })
}

const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && isTrue(conditionOf(status?.conditions, 'Ready'))

/** What the cluster has after the objects of the weights were applied: routes that their controller has not seen yet. */
export function applied(
  way: Switch,
  view: ServiceView,
  o: { readonly plan: ServicePlan; readonly weights: Weights },
): ServiceView {
  const objects = way.objects(o.plan, o.weights, view)
  const routes = objects.filter(({ kind }) => kind === 'HTTPRoute' || kind === 'Ingress')
  const services = objects.filter(({ kind }) => kind === 'Service')
  const scaler = objects.find(({ kind }) => kind === 'HorizontalPodAutoscaler')
  return withEndpoints({
    ...view,
    services: new Map([...view.services, ...services.map(each => [each.metadata.name, live(each)] as const)]),
    routes: routes.map(object => {
      const before = view.routes.find(({ metadata }) => metadata.name === object.metadata.name)
      const generation = (before?.metadata.generation ?? 0) + 1
      return {
        ...live(object, { generation }),
        ...(before === undefined ? {} : { status: before['status'] }),
      }
    }),
    autoscaler: scaler === undefined ? view.autoscaler : live(scaler),
  })
}

/** Begins a move, keeps it in the ledger and applies its objects, as shifting does. */
export function shifted(
  way: Switch,
  view: ServiceView,
  o: {
    readonly plan: ServicePlan
    readonly weights: Weights
    readonly now: number
    readonly rollout?: number
    readonly epoch?: number
  },
): ServiceView {
  const move = way.begin(view, { weights: o.weights, fence: fenceOf(o), now: o.now })
  return applied(way, withMove(view, o.plan, move), o)
}

/** Of the first act of a rollout. */
const fenceOf = ({
  rollout = 1,
  epoch = 1,
}: {
  readonly rollout?: number
  readonly epoch?: number
}): Fence => [epoch, rollout, 1, 1]

export function withMove(view: ServiceView, { spec }: ServicePlan, move: Move): ServiceView {
  const digest = `sha256:${'1'.repeat(64)}` as const
  const entry: ColorEntry = { release: digest, artifact: digest, repository: 'web', spec }
  const ledger: Ledger = {
    resourceVersion: '1',
    fence: fenceOf(move),
    colors: { blue: entry, green: entry },
    move,
  }
  return { ...view, ledger }
}

/** As a controller leaves its status that took every HTTPRoute over. */
export function accepted(view: ServiceView): ServiceView {
  return withConditions(view, [
    { type: 'Accepted', status: 'True' },
    { type: 'ResolvedRefs', status: 'True' },
  ])
}

export interface ToldCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
}

/** What every Gateway tells of every HTTPRoute as it is now. */
export function withConditions(view: ServiceView, conditions: readonly ToldCondition[]): ServiceView {
  const routes = view.routes.map((route: HttpRoute) => ({
    ...route,
    status: {
      parents: (route.spec?.parentRefs ?? []).map(parentRef => ({
        parentRef,
        conditions: conditions.map(each => ({ ...each, observedGeneration: route.metadata.generation })),
      })),
    },
  }))
  return { ...view, routes }
}
