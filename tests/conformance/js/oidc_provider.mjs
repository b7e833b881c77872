// A real OpenID provider over TLS on loopback: prints its port. Its client "workload" gets JWTs for a resource by client_credentials.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import Provider from 'oidc-provider'

const resource = 'urn:aws:sts'
const provider = new Provider(process.env.ISSUER, {
  clients: [{ client_id: 'workload', client_secret: 'workload-secret', grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: 'assume', audience: 'sts.amazonaws.com', accessTokenFormat: 'jwt', accessTokenTTL: 600 }),
    },
  },
  extraTokenClaims: () => ({ 'https://aws.amazon.com/source_identity': 'workload-7' }),
})
const server = createServer({ cert: readFileSync(process.env.CERTIFICATE), key: readFileSync(process.env.KEY) }, provider.callback())
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port, resource })))
