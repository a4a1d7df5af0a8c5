import type { Missing, Part, Remark } from './not-expressed.ts'
import type { Container, Pod } from './shapes.ts'

const DIGEST = /sha256:[0-9a-f]{64}/

/** The image by the digest that runs: a tag may have moved since, and no environment's name may stand in it. */
export function imageOf({ name, image }: Container, pods: readonly Pod[]): Part<string> {
  if (image.includes('@')) return { value: image, remarks: [], missing: [] }
  const running = new Set(
    pods.flatMap(({ status }) =>
      status.containerStatuses.flatMap(each => (each.name === name ? (DIGEST.exec(each.imageID) ?? []) : [])),
    ),
  )
  const [digest] = running
  const repository = image.replace(/:[^/:]+$/, '')
  if (digest === undefined) {
    return {
      value: image,
      remarks: [decide('no pod says which digest runs: name it')],
      missing: [noDigest(image)],
    }
  }
  const remarks: Remark[] = [decide(`was ${image}`)]
  return { value: `${repository}@${digest}`, remarks, missing: running.size > 1 ? [several(image)] : [] }
}

const decide = (text: string): Remark => ({ path: ['image'], text })

const noDigest = (image: string): Missing => ({
  field: 'image',
  why: `no pod runs ${image}, so its digest is not known`,
  advice: 'name the image by digest, or let `sluice release create` resolve the tag',
})

const several = (image: string): Missing => ({
  field: 'image',
  why: `pods run different images of the tag ${image.slice(image.lastIndexOf(':') + 1)}; one was taken`,
  advice: 'let the rollout that is under way come to its end, and import again',
})
