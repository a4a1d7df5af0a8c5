import { parseChallenges } from './auth-challenge.ts'
import { isSafeUrl, type RegistrySession, readBody, send } from './registry-session.ts'
import { type UnresolvedImage, unresolved } from './unresolved-image.ts'

const MAX_TOKEN_ANSWER_BYTES = 256 * 1024

/**
 * Gives what the `Authorization` header has to hold after a challenge: Docker's token authentication, anonymous
 * without a credential, or Basic.
 */
export async function fetchAuthorization(
  session: RegistrySession,
  challenge: string,
): Promise<string | UnresolvedImage> {
  const challenges = parseChallenges(challenge)
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer')
  if (bearer !== undefined) return await fetchToken(session, bearer.parameters)
  const basic = basicAuthorization(session)
  if (basic !== undefined && challenges.some(({ scheme }) => scheme === 'basic')) return basic
  const { reference } = session
  return unresolved('unauthorized', reference, `${reference.registry} wants a login and there is none for it`)
}

async function fetchToken(
  session: RegistrySession,
  parameters: ReadonlyMap<string, string>,
): Promise<string | UnresolvedImage> {
  const { reference } = session
  const realm = URL.parse(parameters.get('realm') ?? '')
  if (realm === null || !isSafeUrl(realm, session)) {
    return unresolved('unsafe', reference, `${reference.registry} names no safe place to log in`)
  }
  const service = parameters.get('service')
  if (service !== undefined) realm.searchParams.set('service', service)
  // Not the scope that the challenge names: reading this repository is all that is wanted.
  realm.searchParams.set('scope', `repository:${reference.name}:pull`)
  const basic = basicAuthorization(session)
  const headers = { accept: 'application/json', ...(basic === undefined ? {} : { authorization: basic }) }
  const response = await send(session, realm, { method: 'GET', headers })
  if ('kind' in response) return response
  if (response.status !== 200) {
    await response.body?.cancel()
    return tokenProblem(session, { host: realm.host, status: response.status })
  }
  const body = await readBody(session, response, MAX_TOKEN_ANSWER_BYTES)
  if (body !== undefined && 'kind' in body) return body
  const token = readToken(body?.toString('utf8') ?? '')
  if (token === undefined)
    return unresolved('unexpected', reference, `${realm.host} answered without a token`)
  return `Bearer ${token}`
}

function tokenProblem(
  { reference, credential }: RegistrySession,
  { host, status }: { host: string; status: number },
): UnresolvedImage {
  if (status === 429) return unresolved('rate-limited', reference, `${host} gives no more tokens for now`)
  if (status >= 500) return unresolved('unreachable', reference, `${host} failed with status ${status}`)
  if (status !== 401 && status !== 403) {
    return unresolved('unexpected', reference, `${host} answered with status ${status}`)
  }
  const who = credential === undefined ? 'anyone who is not logged in' : 'this login'
  return unresolved('unauthorized', reference, `${host} gives no token to ${who}`)
}

function basicAuthorization({ credential }: RegistrySession): string | undefined {
  if (credential === undefined) return undefined
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`
}

function readToken(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    if (typeof answer !== 'object' || answer === null) return undefined
    const { token, access_token: accessToken } = { token: undefined, access_token: undefined, ...answer }
    const found: unknown = token ?? accessToken
    // Anything else could not stand in a header.
    return typeof found === 'string' && /^[\x21-\x7E]+$/.test(found) ? found : undefined
  } catch {
    return undefined
  }
}
