import type { ContainerStatus, Ended, Pod } from './live-objects.ts'
import type { Trouble } from './trouble.ts'

/** What the kubelet waits for is often there with its next try. */
const WAITING_SECONDS: Readonly<Record<string, number>> = {
  CreateContainerConfigError: 5,
  CreateContainerError: 5,
  RunContainerError: 5,
  PostStartHookError: 5,
  // The second try comes after 10 seconds.
  ErrImagePull: 12,
  ImagePullBackOff: 12,
  RegistryUnavailable: 12,
  InvalidImageName: 0,
  ErrImageNeverPull: 0,
  ImageInspectError: 5,
}

/** A registry that says so will not say anything else at the second try. */
const NO_SUCH_IMAGE = /not found|manifest unknown|unauthorized|denied|forbidden/i
const NO_SUCH_IMAGE_SECONDS = 2
const ONE_EXIT_SECONDS = 5

export function containerTrouble(pod: Pod, status: ContainerStatus): Trouble | undefined {
  const { waiting, terminated } = status.state ?? {}
  const reason = waiting?.reason ?? ''
  if (reason === 'CrashLoopBackOff') return exited(pod, status, { previous: true, graceSeconds: 0 })
  if (terminated !== undefined && !isDoneInit(pod, status)) {
    const graceSeconds = status.restartCount > 0 ? 0 : ONE_EXIT_SECONDS
    return exited(pod, status, { previous: false, graceSeconds })
  }
  const graceSeconds = WAITING_SECONDS[reason]
  if (graceSeconds === undefined) return undefined
  const message = waiting?.message ?? ''
  const isPull = reason === 'ErrImagePull' || reason === 'ImagePullBackOff'
  return {
    pod,
    key: isPull ? 'pull' : reason,
    graceSeconds: isPull && NO_SUCH_IMAGE.test(message) ? NO_SUCH_IMAGE_SECONDS : graceSeconds,
    text: message === '' ? reason : `${reason}: ${message}`,
  }
}

function isDoneInit({ status }: Pod, { name, state }: ContainerStatus): boolean {
  const isInit = status?.initContainerStatuses?.some(each => each.name === name) ?? false
  return isInit && state?.terminated?.exitCode === 0
}

function exited(
  pod: Pod,
  status: ContainerStatus,
  { previous, graceSeconds }: { readonly previous: boolean; readonly graceSeconds: number },
): Trouble {
  const ended = previous ? status.lastState?.terminated : status.state?.terminated
  const times = previous ? status.restartCount : status.restartCount + 1
  return {
    pod,
    key: 'exits',
    graceSeconds,
    text: times > 1 ? `${inWords(ended)}, ${times} times` : inWords(ended),
    more: {
      kind: 'logs',
      container: status.name,
      previous,
      wasKilled: KILLED.includes(ended?.exitCode ?? 0),
    },
  }
}

/** By SIGKILL and SIGTERM: 128 and the number of the signal. */
const KILLED = [137, 143]

function inWords(ended: Ended | undefined): string {
  const code = `exited with code ${ended?.exitCode ?? 'unknown'}`
  if (ended?.reason === 'OOMKilled') return `${code}: it used more memory than it may (OOMKilled)`
  // The container runtime's words, where the program itself never had a chance to say any.
  return ended?.message === undefined ? code : `${code}: ${ended.message.trim()}`
}
