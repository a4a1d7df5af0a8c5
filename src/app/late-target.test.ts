import { expect, it, vi } from 'vitest'
import { createFakeTarget } from '../../test/harness/fake-target.ts'
import { UserError } from '../model/user-error.ts'
import { TargetUnavailable } from '../targets/target.ts'
import { lateTarget, type OpenTarget } from './late-target.ts'

const signal = new AbortController().signal
const WEB = { environment: 'prod', service: 'web' }

function opening() {
  const fake = createFakeTarget(Date.now)
  const close = vi.fn(async () => undefined)
  const open = vi.fn<() => Promise<OpenTarget>>(async () => ({ target: fake, metrics: fake, close }))
  return { fake, open, close }
}

it('opens a target once, when it is used, and lets it go again', async () => {
  const { open, close } = opening()
  const late = lateTarget(open)
  expect(open).not.toHaveBeenCalled()
  await Promise.all([late.target.observe(WEB, signal), late.target.observe(WEB, signal)])
  expect(open).toHaveBeenCalledTimes(1)
  await late.close()
  expect(close).toHaveBeenCalledTimes(1)
})

it('tells people what they have to mend, and tries again the next time', async () => {
  const { open } = opening()
  open.mockRejectedValueOnce(new UserError('kubeconfig', 'there is no context prod', 'name one of: dev'))
  open.mockRejectedValueOnce(new UserError('kubeconfig', 'there is no context prod', 'name one of: dev'))
  const late = lateTarget(open)
  await expect(late.target.observe(WEB, signal)).rejects.toThrow(TargetUnavailable)
  const asked = late.target.preflight({ ...WEB, color: 'blue' }, {} as never, signal)
  expect(await asked).toEqual([expect.stringContaining('there is no context prod')])
  expect((await late.target.observe(WEB, signal)).slots).toEqual({})
})

it('goes on watching when the target can be opened at last', async () => {
  vi.useFakeTimers()
  try {
    const { open, fake } = opening()
    open.mockRejectedValueOnce(new Error('no route to host'))
    const seen: string[] = []
    const watching = vi.spyOn(fake, 'watch')
    const stop = lateTarget(open).target.watch(({ service }) => seen.push(service))
    await vi.advanceTimersByTimeAsync(5000)
    expect(watching).toHaveBeenCalledTimes(1)
    stop()
    expect(open).toHaveBeenCalledTimes(2)
  } finally {
    vi.useRealTimers()
  }
})
