import { UserError } from '../../../../model/user-error.ts'
import type { ClientCertificate } from '../access.ts'
import { bearer, type Credentials, plainCredentials } from './credentials.ts'
import type { Found, KubeUser } from './kubeconfig.ts'
import { readNamedFile } from './named-file.ts'

type Texts = Readonly<Record<string, string>>

/** What a user of a kubeconfig shows, where no program has to be run for it. */
export function userCredentials(user: Found<KubeUser>, where: string): Credentials {
  refuseUnsupported(user, where)
  const client = clientCertificateOf(user, where)
  const whose = impersonated(user.value)
  return plainCredentials({
    headers: async () => ({ ...(await authorization(user)), ...whose }),
    ...(client === undefined ? {} : { client }),
  })
}

/** A file's token is read each time: whoever writes it renews it. */
async function authorization({ value, file, folder }: Found<KubeUser>): Promise<Texts> {
  const { token = '', tokenFile = '', username = '', password = '' } = value
  if (tokenFile !== '') return bearer(await readNamedFile({ file, folder, path: tokenFile }))
  if (token !== '') return bearer(token)
  if (username === '') return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function clientCertificateOf(
  { value, file, folder }: Found<KubeUser>,
  where: string,
): (() => Promise<ClientCertificate>) | undefined {
  const partOf = (data: string | undefined, path: string | undefined) => {
    if (data !== undefined && data !== '') return async () => Buffer.from(data, 'base64').toString('utf8')
    if (path !== undefined && path !== '') return async () => await readNamedFile({ file, folder, path })
    return undefined
  }
  const certificate = partOf(value['client-certificate-data'], value['client-certificate'])
  const key = partOf(value['client-key-data'], value['client-key'])
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) {
    throw new UserError(
      where,
      certificate === undefined
        ? 'it has a key without its certificate'
        : 'it has a certificate without its key',
      'give both client-certificate and client-key',
    )
  }
  return async () => ({ certificate: await certificate(), key: await key() })
}

export function impersonated(user: KubeUser): Texts {
  return {
    ...(user.as === undefined ? {} : { 'impersonate-user': user.as }),
    ...(user['as-uid'] === undefined ? {} : { 'impersonate-uid': user['as-uid'] }),
  }
}

export function refuseUnsupported({ value }: Found<KubeUser>, where: string): void {
  if (value['auth-provider'] !== undefined) {
    throw new UserError(
      where,
      'auth-provider is not supported, as kubectl does not support most of them any more',
      'use an exec plugin, such as kubelogin or gke-gcloud-auth-plugin',
    )
  }
  if ((value['as-groups'] ?? []).length > 0 || value['as-user-extra'] !== undefined) {
    throw new UserError(where, 'as-groups and as-user-extra are not supported', 'use a user of its own')
  }
}
