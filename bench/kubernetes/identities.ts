import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Kubernetes, kubeconfigOf } from '../../test/harness/kubernetes.ts'

/** Of service accounts of a cluster's own programs, which the API server serves before others'. */
const NAMESPACE = 'kube-system'

export interface Identity {
  /** As the audit log names it. */
  readonly user: string
  /** A file. */
  readonly kubeconfig: string
}

/** Makes service accounts of these names, which may do everything. */
export function identities(kubernetes: Kubernetes, folder: string): (name: string) => Promise<Identity> {
  return async name => {
    await asked(kubernetes, ['create', 'serviceaccount', name, `--namespace=${NAMESPACE}`])
    const subject = `--serviceaccount=${NAMESPACE}:${name}`
    await asked(kubernetes, ['create', 'clusterrolebinding', name, '--clusterrole=cluster-admin', subject])
    const token = await asked(kubernetes, [
      'create',
      'token',
      name,
      `--namespace=${NAMESPACE}`,
      '--duration=24h',
    ])
    const kubeconfig = join(folder, `kubeconfig-${name}`)
    await writeFile(kubeconfig, kubeconfigOf({ ...kubernetes, token: token.trim() }), { mode: 0o600 })
    return { user: `system:serviceaccount:${NAMESPACE}:${name}`, kubeconfig }
  }
}

/** What kubectl answers; fails where it refuses. */
export async function asked(
  { kubectl }: Pick<Kubernetes, 'kubectl'>,
  args: readonly string[],
  input = '',
): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, { input })
  if (code !== 0) throw new Error(stderr)
  return stdout
}
