import { parseAllDocuments } from 'yaml'
import { type Imported, importNamespace } from '../import-namespace.ts'
import { namespaceFrom } from '../namespace-from.ts'
import type { NamespaceObjects } from '../namespace-objects.ts'

/** Objects as kubectl prints them, in YAML. */
export function namespaceOf(
  yaml: string,
  secretKeys: Readonly<Record<string, readonly string[]>> = {},
): NamespaceObjects {
  const documents = parseAllDocuments(yaml).map(document => ({
    kind: String(document.get('kind')),
    content: document.toJS() as unknown,
  }))
  const byKind = new Map(
    [...Map.groupBy(documents, ({ kind }) => kind)].map(([kind, all]) => [
      kind,
      all.map(({ content }) => content),
    ]),
  )
  return namespaceFrom({
    namespace: 'shop',
    byKind,
    secretKeys: new Map(Object.entries(secretKeys)),
    unread: [],
  })
}

export const imported = (yaml: string, secretKeys?: Readonly<Record<string, readonly string[]>>): Imported =>
  importNamespace(namespaceOf(yaml, secretKeys), { project: 'shop', environment: 'prod', context: undefined })

/** A Deployment of one container; `more` is YAML in braces of the container, `pod` of the pod. */
export const deployment = (name: string, more: string, pod = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { ${pod === '' ? '' : `${pod}, `}containers: [{ name: main, image: 'registry.example.com/${name}:1.2', ${more} }] }
`

export const service = (
  name: string,
  spec = 'ports: [{ port: 80, targetPort: 3000 }]',
  app = name,
): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${app} }, ${spec} }
`
