import { readFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import type { Cluster } from './cluster.ts'
import { runCommand } from './command.ts'
import { freePorts } from './e2e-project.ts'

/** What the API server asks a webhook (Kubernetes documentation, "Dynamic Admission Control"). */
export interface AdmissionRequest {
  readonly uid: string
  readonly operation: string
  readonly name: string
  /** The answer is wanted, and nothing is kept. */
  readonly dryRun?: boolean
  readonly userInfo: { readonly username: string }
}

/** `silent`: no answer at all. */
export type Admission = 'allowed' | 'silent' | { readonly refused: string }

export interface AdmissionWebhook {
  /** All that was asked so far. */
  readonly asked: readonly AdmissionRequest[]
  decide: (request: AdmissionRequest) => Admission | Promise<Admission>
  end(): Promise<void>
}

const TIMEOUT_SECONDS = 3

/** A webhook of the test that has to agree to every change of such objects in a namespace (`failurePolicy: Fail`). */
export async function startAdmissionWebhook(o: {
  readonly cluster: Cluster
  readonly namespace: string
  readonly resource: { readonly group: string; readonly name: string }
  readonly decide: AdmissionWebhook['decide']
}): Promise<AdmissionWebhook> {
  const { cluster, namespace, resource } = o
  const asked: AdmissionRequest[] = []
  const webhook = { asked, decide: o.decide }
  const { key, cert } = await certificate(cluster, namespace)
  const server = createServer({ key, cert }, (request, response) => {
    void (async () => {
      const { request: about } = (await json(request)) as { readonly request: AdmissionRequest }
      asked.push(about)
      const admission = await webhook.decide(about)
      if (admission === 'silent') return
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(review(about, admission)))
    })()
  })
  const [port = 0] = await freePorts(1)
  await new Promise<void>(resolve => server.listen(port, cluster.hostAddress, resolve))
  const url = `https://${cluster.hostAddress}:${port}/`
  await apply(cluster, configuration({ url, ca: cert, namespace, resource }))
  return Object.assign(webhook, {
    async end() {
      await cluster.kubectl(['delete', 'validatingwebhookconfiguration', nameIn(namespace)])
      server.closeAllConnections()
      server.close()
    },
  })
}

function review({ uid }: AdmissionRequest, admission: Exclude<Admission, 'silent'>): object {
  const response =
    admission === 'allowed'
      ? { uid, allowed: true }
      : { uid, allowed: false, status: { message: admission.refused } }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

const nameIn = (namespace: string): string => `test.${namespace}.example.com`

function configuration(o: {
  readonly url: string
  readonly ca: string
  readonly namespace: string
  readonly resource: { readonly group: string; readonly name: string }
}): object {
  const { url, ca, namespace, resource } = o
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: nameIn(namespace) },
    webhooks: [
      {
        name: nameIn(namespace),
        admissionReviewVersions: ['v1'],
        sideEffects: 'NoneOnDryRun',
        failurePolicy: 'Fail',
        timeoutSeconds: TIMEOUT_SECONDS,
        clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [
          {
            apiGroups: [resource.group],
            apiVersions: ['v1'],
            resources: [resource.name],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
      },
    ],
  }
}

async function apply(cluster: Cluster, object: object): Promise<void> {
  const input = JSON.stringify(object)
  const { code, stderr } = await cluster.kubectl(['apply', '--server-side', '-f', '-'], { input })
  if (code !== 0) throw new Error(stderr)
}

async function certificate(
  { folder, hostAddress }: Cluster,
  name: string,
): Promise<{ readonly key: string; readonly cert: string }> {
  const file = join(folder, `webhook-${name}`)
  const request = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=webhook'
  const files = ['-keyout', `${file}.key`, '-out', `${file}.crt`]
  const { code, stderr } = await runCommand('openssl', [
    'req',
    ...request.split(' '),
    ...files,
    '-addext',
    `subjectAltName=IP:${hostAddress}`,
  ])
  if (code !== 0) throw new Error(stderr)
  return { key: await readFile(`${file}.key`, 'utf8'), cert: await readFile(`${file}.crt`, 'utf8') }
}
