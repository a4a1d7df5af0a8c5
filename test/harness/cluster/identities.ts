import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import { kubeconfigOf } from '../kubernetes.ts'
import type { NodeSpace } from './node-space.ts'

export interface ClusterUser {
  readonly name: string
  readonly groups: readonly string[]
}

/** One who may ask the API server, with a token. */
export interface ClusterIdentity extends ClusterUser {
  readonly token: string
  /** A file with address, certificate and token. */
  readonly kubeconfig: string
}

export const NODE_NAME = 'node1'

/** Whom a cluster consists of; their roles exist already (Kubernetes documentation, "Using RBAC Authorization"). */
const PARTS: readonly ClusterUser[] = [
  { name: 'admin', groups: ['system:masters'] },
  { name: 'system:kube-controller-manager', groups: [] },
  { name: 'system:kube-scheduler', groups: [] },
  { name: 'system:kube-proxy', groups: [] },
  { name: `system:node:${NODE_NAME}`, groups: ['system:nodes'] },
]

/** Writes tokens and kubeconfigs of the cluster's own parts and of more users; gives them by name. */
export async function writeIdentities(o: {
  readonly folder: string
  readonly url: string
  readonly ca: string
  readonly users: readonly ClusterUser[]
}): Promise<ReadonlyMap<string, ClusterIdentity>> {
  const made = [...PARTS, ...o.users].map(({ name, groups }, index) => ({
    name,
    groups,
    token: randomBytes(32).toString('hex'),
    kubeconfig: join(o.folder, index === 0 ? 'kubeconfig' : `kubeconfig-${name.replaceAll(/[^\w.-]/g, '-')}`),
  }))
  for (const { token, kubeconfig } of made)
    await writeFile(kubeconfig, kubeconfigOf({ ...o, token }), { mode: 0o600 })
  const lines = made.map(
    ({ token, name, groups }) => `${token},${quoted(name)},${quoted(name)},${quoted(groups.join(','))}`,
  )
  await writeFile(join(o.folder, 'tokens.csv'), `${lines.join('\n')}\n`, { mode: 0o600 })
  return new Map(made.map(identity => [identity.name, identity]))
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Writes `NAME.crt` and `NAME.key` of each server, all signed by one authority; gives its certificate, PEM. */
export async function writeCertificates(folder: string, space: NodeSpace): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'sec1', format: 'pem' })
  await writeFile(join(folder, 'sa.key'), key, { mode: 0o600 })
  const server = [`IP:${space.address}`, 'IP:127.0.0.1', 'DNS:localhost']
  const api = [...server, `IP:${space.apiServiceAddress}`, 'DNS:kubernetes.default.svc']
  await openssl(folder, [
    authority(),
    signed({ name: 'apiserver', subject: '/CN=kube-apiserver', names: api }),
    signed({ name: 'kubelet', subject: `/CN=${NODE_NAME}`, names: [...server, `DNS:${NODE_NAME}`] }),
    signed({ name: 'kubelet-client', subject: '/O=system:masters/CN=kube-apiserver', names: [] }),
  ])
  return await readFile(join(folder, 'ca.crt'), 'utf8')
}

const NEW_KEY = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'

const authority = (): string =>
  `openssl req -x509 ${NEW_KEY} -keyout ca.key -out ca.crt -days 2 -subj /CN=cluster -addext keyUsage=keyCertSign,digitalSignature`

function signed(o: {
  readonly name: string
  readonly subject: string
  readonly names: readonly string[]
}): string {
  const extensions = [
    'extendedKeyUsage=serverAuth,clientAuth',
    ...(o.names.length === 0 ? [] : [`subjectAltName=${o.names.join(',')}`]),
  ]
  return [
    `printf '%s\\n' ${extensions.map(line => `'${line}'`).join(' ')} >${o.name}.ext`,
    `openssl req -new ${NEW_KEY} -keyout ${o.name}.key -out ${o.name}.csr -subj ${o.subject}`,
    `openssl x509 -req -in ${o.name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ${o.name}.ext -out ${o.name}.crt`,
  ].join('\n')
}

async function openssl(folder: string, commands: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand('sh', ['-ec', `umask 077\n${commands.join('\n')}`], { folder })
  if (code !== 0) throw new Error(`no certificates: ${stderr}`)
}
