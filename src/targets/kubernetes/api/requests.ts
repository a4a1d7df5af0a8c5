import type { KubernetesObject } from '../../../render/kubernetes/kubernetes-object.ts'
import type { ApiAnswer, Asking } from './ask.ts'
import {
  type ApplyOptions,
  FIELD_MANAGER,
  ObjectChanged,
  type ObjectPlace,
  type RemoveOptions,
  type RequestRefused,
} from './cluster.ts'
import { type ClusterObject, KINDS, nameOf, type ObjectKind } from './cluster-object.ts'
import { type PageOptions, type Pages, readPages } from './pages.ts'
import { refusalOf, statusBody } from './refusal.ts'
import { kindOf, resourcePath } from './resource-path.ts'

/** The requests of one namespace, each answered by the API server itself. */
export interface Requests {
  get(kind: ObjectKind, name: string, signal: AbortSignal): Promise<ClusterObject | undefined>
  listPages(kind: ObjectKind, options: PageOptions): Promise<Pages>
  apply(object: KubernetesObject, options: ApplyOptions): Promise<ClusterObject>
  patch(place: ObjectPlace, patch: object, options: ApplyOptions): Promise<ClusterObject>
  /** The uid of what went, or goes; undefined where there was none. */
  remove(place: ObjectPlace, options: RemoveOptions): Promise<string | undefined>
  /** A small reading out of the store. */
  readNamespace(signal: AbortSignal): Promise<void>
  refusal(answer: ApiAnswer, o: RefusalFacts): Promise<RequestRefused>
}

interface RefusalFacts {
  readonly about: string
  readonly sentSecret?: boolean
  readonly signal: AbortSignal
}

const SUCCESS = 300
const CREATED = 201

export function createRequests({
  asking,
  namespace,
}: {
  readonly asking: Asking
  readonly namespace: string
}): Requests {
  const refusal = createRefusal(asking)
  /** The object of the answer, or its refusal. */
  const objectOf = async (answer: ApiAnswer, facts: RefusalFacts): Promise<ClusterObject> => {
    if (answer.status >= SUCCESS) throw await refusal(answer, facts)
    return answer.body as ClusterObject
  }
  /** The API server asks for the version of an object that is there, and makes one that is not. */
  const takeBack = async (made: ClusterObject, kind: ObjectKind, { dryRun, signal }: ApplyOptions) => {
    const { name, uid } = made.metadata
    // Whoever may not remove it finds it there the next time.
    if (dryRun !== true) await requests.remove({ kind, name }, { uid, signal }).catch(() => undefined)
    throw new ObjectChanged(`${kind.kind} ${name}: it is not there any more`)
  }
  const requests: Requests = {
    refusal,
    async get(kind, name, signal) {
      const answer = await asking.ask({
        method: 'GET',
        path: resourcePath({ namespace, kind, name }),
        signal,
      })
      if (isAbsent(answer, name)) return undefined
      return await objectOf(answer, { about: `${kind.kind} ${name}`, signal })
    },
    listPages: (kind, options) => readPages({ asking, namespace, refusal }, kind, options),
    async apply(object, options) {
      const { signal, resourceVersion } = options
      const kind = kindOf(object)
      const { name } = object.metadata
      const answer = await asking.ask({
        method: 'PATCH',
        path: resourcePath({
          namespace,
          kind,
          name,
          query: { ...writeQuery(options), force: forced(options) },
        }),
        contentType: 'application/apply-patch+yaml',
        // JSON is YAML.
        body: { ...object, metadata: { ...object.metadata, namespace, resourceVersion } },
        signal,
      })
      const applied = await objectOf(answer, { about: nameOf(object), sentSecret: isSecret(kind), signal })
      if (answer.status === CREATED && resourceVersion !== undefined) await takeBack(applied, kind, options)
      return applied
    },
    async patch({ kind, name, subresource }, patch, options) {
      const { signal, resourceVersion } = options
      const answer = await asking.ask({
        method: 'PATCH',
        path: resourcePath({ namespace, kind, name, subresource, query: writeQuery(options) }),
        contentType: 'application/merge-patch+json',
        body: resourceVersion === undefined ? patch : withVersion(patch, resourceVersion),
        signal,
      })
      return await objectOf(answer, { about: `${kind.kind} ${name}`, sentSecret: isSecret(kind), signal })
    },
    async remove({ kind, name, subresource }, { signal, uid, graceSeconds }) {
      const answer = await asking.ask({
        method: 'DELETE',
        path: resourcePath({ namespace, kind, name, subresource }),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...(uid === undefined ? {} : { preconditions: { uid } }),
          ...(graceSeconds === undefined ? {} : { gracePeriodSeconds: graceSeconds }),
        },
        signal,
      })
      if (isAbsent(answer, name)) return undefined
      // Some kinds answer with the object, others with a Status that names it.
      const { metadata } = await objectOf(answer, { about: `${kind.kind} ${name}`, signal })
      return metadata.uid ?? statusBody(answer.body).details?.uid
    },
    async readNamespace(signal) {
      const answer = await asking.ask({ method: 'GET', path: `/api/v1/namespaces/${namespace}`, signal })
      await objectOf(answer, { about: `Namespace ${namespace}`, signal })
    },
  }
  return requests
}

const isAbsent = ({ status, body }: ApiAnswer, name: string) =>
  status === 404 && statusBody(body).details?.name === name

const isSecret = (kind: ObjectKind) => kind.kind === KINDS.secret.kind

/** Strict: a field that the API server does not know is a mistake, which it would drop without a word. */
function writeQuery({ dryRun }: ApplyOptions) {
  return {
    fieldManager: FIELD_MANAGER,
    fieldValidation: 'Strict',
    dryRun: dryRun === true ? 'All' : undefined,
  }
}

const forced = ({ takeOver }: ApplyOptions) => (takeOver === true ? 'true' : undefined)

function withVersion(patch: { readonly metadata?: object }, resourceVersion: string): object {
  return { ...patch, metadata: { ...patch.metadata, resourceVersion } }
}

/** A server that has just started does not know all roles yet: what it forbids counts once it says that it is ready. */
function createRefusal(asking: Asking) {
  return async (answer: ApiAnswer, { about, sentSecret, signal }: RefusalFacts): Promise<RequestRefused> => {
    const isReady =
      answer.status !== 403 || (await asking.ask({ method: 'GET', path: '/readyz', signal })).status < SUCCESS
    return refusalOf({ ...answer, about, sentSecret: sentSecret ?? false, isReady })
  }
}
