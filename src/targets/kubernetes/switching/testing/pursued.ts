import type { KubernetesObject } from '../../../../render/kubernetes/kubernetes-object.ts'
import type { Cluster, ProxyRequest, ProxyResponse } from '../../api/cluster.ts'
import type { ClusterObject, ObjectKind } from '../../api/cluster-object.ts'
import type { ServiceView } from '../../service-view.ts'
import type { Switch } from '../switch.ts'

/** What a pursuit may ask for; a test says what comes of it. */
export interface Answers {
  readonly get?: (kind: ObjectKind, name: string) => ClusterObject | undefined
  readonly list?: (kind: ObjectKind, fields: string | undefined) => readonly ClusterObject[]
  readonly proxy?: (request: ProxyRequest) => Promise<ProxyResponse>
}

export interface Pursued {
  /** With what was learnt. */
  readonly view: ServiceView
  /** Such as `patch Deployment web-blue` or `remove Pod blue-1`. */
  readonly acts: readonly string[]
  readonly patches: readonly object[]
}

/** Pursues once, against a cluster that has what the view has and takes down what is done to it. */
export async function pursued(
  way: Switch,
  view: ServiceView,
  now: number,
  answers: Answers = {},
): Promise<Pursued> {
  const acts: string[] = []
  const patches: object[] = []
  let learned = view
  await way.pursue({
    cluster: stubCluster(view, { answers, acts, patches }),
    view,
    now,
    signal: AbortSignal.timeout(10_000),
    note: learnt => {
      const { ledger } = learned
      if (ledger?.move === undefined) throw new Error('there is no move to learn about')
      learned = { ...learned, ledger: { ...ledger, move: { ...ledger.move, ...learnt } } }
      return Promise.resolve()
    },
  })
  return { view: learned, acts, patches }
}

/** A cluster of the view's own objects; it keeps no change. */
export function stubCluster(
  view: ServiceView,
  o: { readonly answers?: Answers; readonly acts?: string[]; readonly patches?: object[] } = {},
): Cluster {
  const { answers = {}, acts = [], patches = [] } = o
  const unasked = (what: string) => (): never => {
    throw new Error(`nobody should have asked to ${what}`)
  }
  const own = ({ kind }: ObjectKind, name: string) =>
    kind === 'Service' ? view.services.get(name) : undefined
  return {
    namespace: 'shop',
    name: 'test',
    get: (kind, name) => Promise.resolve((answers.get ?? own)(kind, name)),
    list: (kind, { fields }) => Promise.resolve(answers.list?.(kind, fields) ?? []),
    apply: unasked('apply') satisfies (object: KubernetesObject) => never,
    patch: (place, patch) => {
      acts.push(`patch ${place.kind.kind} ${place.name}`)
      patches.push(patch)
      const { deployments } = view
      const found = Object.values(deployments).find(({ metadata }) => metadata.name === place.name)
      return found === undefined ? unasked('patch it')() : Promise.resolve(found)
    },
    remove: ({ kind, name }) => {
      acts.push(`remove ${kind.kind} ${name}`)
      return Promise.resolve()
    },
    logs: unasked('read logs'),
    proxy: answers.proxy ?? unasked('pass a request on'),
    watched: unasked('watch'),
    close: () => Promise.resolve(),
  }
}
