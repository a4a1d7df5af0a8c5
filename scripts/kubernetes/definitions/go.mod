module sluice.test/definitions

go 1.26.0

require (
	sigs.k8s.io/gateway-api v1.4.0
	sigs.k8s.io/secrets-store-csi-driver v1.4.8
)
