import { isRecord, valueAt } from '../../../blueprint/plain-data.ts'
import type { ReadObject } from '../../../render/testing/objects-of.ts'
import { namespaceFrom } from '../namespace-from.ts'
import type { NamespaceObjects } from '../namespace-objects.ts'

/** What Sluice renders, as somebody would have it who never heard of Sluice: one Deployment `web` behind a Service `web`. */
export function foreignObjects(objects: readonly ReadObject[]): NamespaceObjects {
  const byKind = Map.groupBy(
    objects.flatMap(each => foreign(each)),
    each => String(valueAt(each, ['kind'])),
  )
  return namespaceFrom({ namespace: 'shop-prod', byKind, secretKeys: new Map(), unread: [] })
}

function foreign(object: ReadObject): readonly unknown[] {
  if (!isRecord(object.content)) return []
  const { kind, name } = object
  const metadata = { name, annotations: {} }
  switch (kind) {
    case 'Deployment':
      return name.endsWith('-blue') ? [deployment(object.content, name.slice(0, -'-blue'.length))] : []
    case 'Service': {
      const selector = valueAt(object.content, ['spec', 'selector'])
      if (/-(?:blue|green|preview)$/.test(name)) return []
      const app = valueAt(selector, ['app.kubernetes.io/name'])
      return [withSpec(object.content, metadata, { selector: { app } })]
    }
    case 'Ingress':
    case 'HTTPRoute':
      return [toStable({ ...object.content, metadata })]
    case 'HorizontalPodAutoscaler':
      return [withSpec(object.content, metadata, { scaleTargetRef: { kind: 'Deployment', name } })]
    case 'ConfigMap':
      return [{ ...object.content, metadata }]
    default:
      return []
  }
}

type Content = Readonly<Record<string, unknown>>

function withSpec(content: Content, metadata: Content, more: Content): Content {
  const spec = content['spec']
  return { ...content, metadata, spec: { ...(isRecord(spec) ? spec : {}), ...more } }
}

function deployment(content: Content, name: string): Content {
  const written = valueAt(content, ['spec', 'template', 'metadata', 'labels'])
  const labels = { ...(isRecord(written) ? written : {}), app: name }
  const template = {
    metadata: { labels },
    spec: valueAt(content, ['spec', 'template', 'spec']),
  }
  return withSpec(content, { name }, { selector: { matchLabels: { app: name } }, template })
}

/** Every Service of a color is the stable one; what had all weights keeps them. */
function toStable(content: Content): Content {
  const text = JSON.stringify(content, (_key, value: unknown) => {
    if (isRecord(value) && value['weight'] === 0) return undefined
    return value
  })
  const plain = text
    .replaceAll(/"name":"([a-z0-9-]+)-(?:blue|green)"/g, '"name":"$1"')
    .replaceAll('"use-annotation"', '"http"')
    .replaceAll(',null]', ']')
    .replaceAll('[null,', '[')
  const parsed: unknown = JSON.parse(plain)
  return isRecord(parsed) ? parsed : {}
}
