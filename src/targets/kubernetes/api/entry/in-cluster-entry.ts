import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { UserError } from '../../../../model/user-error.ts'
import type { Entry } from '../access.ts'
import { bearer } from './credentials.ts'

/** Where the kubelet puts what a pod's service account has. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The way in of a pod. Its token lives for about an hour and its file is renewed before, so both files are read each time. */
export async function inClusterEntry(o: {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly accountFolder?: string | undefined
}): Promise<Entry> {
  const { accountFolder = ACCOUNT_FOLDER, environment } = o
  const host = environment['KUBERNETES_SERVICE_HOST']
  const port = environment['KUBERNETES_SERVICE_PORT']
  if (host === undefined || port === undefined) {
    throw new UserError(
      'in-cluster access',
      'this process runs in no pod ($KUBERNETES_SERVICE_HOST is not set)',
      'name a context of the kubeconfig instead',
    )
  }
  const read = async (name: string): Promise<string> => {
    try {
      return await readFile(join(accountFolder, name), 'utf8')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new UserError(
        'in-cluster access',
        `the service account's ${name} can't be read: ${why}`,
        'set automountServiceAccountToken of the pod to true',
      )
    }
  }
  const namespace = (await read('namespace')).trim()
  return {
    name: 'in-cluster',
    server: `https://${isIPv6(host) ? `[${host}]` : host}:${port}`,
    namespace,
    tls: async () => ({ ca: await read('ca.crt') }),
    headers: async () => bearer(await read('token')),
    forget: () => undefined,
  }
}
