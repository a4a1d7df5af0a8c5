interface Marks {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** Who applies an object again and again, by the marks that they leave; undefined where nobody did. */
export function applierOf({ labels, annotations }: Marks): string | undefined {
  const helm = annotations['meta.helm.sh/release-name']
  if (helm !== undefined) return `Helm (release ${helm})`
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') return 'Helm'
  const argo =
    annotations['argocd.argoproj.io/tracking-id']?.split(':')[0] ?? labels['argocd.argoproj.io/instance']
  if (argo !== undefined) return `Argo CD (application ${argo})`
  const flux = labels['kustomize.toolkit.fluxcd.io/name'] ?? labels['helm.toolkit.fluxcd.io/name']
  return flux === undefined ? undefined : `Flux (${flux})`
}
