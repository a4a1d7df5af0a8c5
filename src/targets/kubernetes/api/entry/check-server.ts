import { UserError } from '../../../../model/user-error.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/

/** The address without a slash at its end. Plain http is for this machine only: it shows the credentials on the way. */
export function checkServer(server: string | undefined, where: string): string {
  if (server === undefined || server === '') {
    throw new UserError(where, 'it names no server', 'give its address, such as https://203.0.113.7:6443')
  }
  const url = URL.canParse(server) ? new URL(server) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new UserError(where, `the server ${server} is no address`, 'write it like https://203.0.113.7:6443')
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new UserError(where, `the server ${server} is asked without encryption`, 'use its https address')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
