import type { Missing } from './not-expressed.ts'
import { type FoundRule, type FoundRules, isHost, pathOf } from './rule-place.ts'
import type { Ingress } from './shapes.ts'

export const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
/** Of the AWS Load Balancer Controller. */
export const ALB_PREFIX = 'alb.ingress.kubernetes.io/'

/** Where an Ingress leads, and what of it the blueprint does not say. */
export function ingressRules({ metadata, spec }: Ingress): FoundRules {
  const missing: Missing[] = unknownAnnotations(metadata.annotations)
  const rules = spec.rules.flatMap(({ host, http }) =>
    http.paths.flatMap(({ path, pathType, backend }): readonly FoundRule[] => {
      const field = `rules ${host ?? ''}${path}`
      if (backend.service === undefined) {
        missing.push({ isLost: true, field, why: 'leads to no Service', advice: 'keep this Ingress for it' })
        return []
      }
      const plain = pathOf({ path, pathType, field }, missing)
      if (plain === undefined || !isHost(host, field, missing)) return []
      return [{ service: backend.service.name, path: plain, ...(host === undefined ? {} : { host }) }]
    }),
  )
  const fallback = spec.defaultBackend?.service
  if (spec.tls.some(({ secretName }) => secretName !== undefined)) missing.push(ownCertificate)
  const all = fallback === undefined ? rules : [...rules, { service: fallback.name, path: '/' }]
  return { rules: all, missing }
}

const ownCertificate: Missing = {
  field: 'tls',
  why: 'Sluice’s Ingresses name no certificate of their own',
  advice: 'make it the controller’s default certificate, or keep this Ingress for HTTPS',
}

function unknownAnnotations(annotations: Readonly<Record<string, string>>): Missing[] {
  const told = Object.keys(annotations).filter(
    key =>
      key !== CLASS_ANNOTATION &&
      !key.startsWith(ALB_PREFIX) &&
      !key.startsWith('kubectl.kubernetes.io/') &&
      !key.startsWith('meta.helm.sh/'),
  )
  return told.map(key => ({
    field: `annotations ${key}`,
    why: 'Sluice writes no annotations for this controller',
    advice: 'put what it does into the program; an Ingress of the same name keeps it',
  }))
}
