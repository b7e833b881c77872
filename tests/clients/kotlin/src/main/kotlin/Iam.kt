// What the flows call of IAM, on the SDK's own core: its serializing and parsing of errors, the credentials, HTTP engine and retries of a
// client of STS, its signer. For machines that have no aws.sdk.kotlin:iam-jvm; where that is, its IamClient takes this one's place.
@file:OptIn(InternalApi::class)

import aws.sdk.kotlin.services.sts.StsClient
import aws.smithy.kotlin.runtime.InternalApi
import aws.smithy.kotlin.runtime.ServiceException
import aws.smithy.kotlin.runtime.auth.awssigning.AwsSigningAttributes
import aws.smithy.kotlin.runtime.auth.awssigning.DefaultAwsSigner
import aws.smithy.kotlin.runtime.awsprotocol.setAseErrorMetadata
import aws.smithy.kotlin.runtime.awsprotocol.xml.parseRestXmlErrorResponse
import aws.smithy.kotlin.runtime.client.endpoints.Endpoint
import aws.smithy.kotlin.runtime.http.HttpBody
import aws.smithy.kotlin.runtime.http.HttpCall
import aws.smithy.kotlin.runtime.http.HttpMethod
import aws.smithy.kotlin.runtime.http.SdkHttpClient
import aws.smithy.kotlin.runtime.http.auth.SigV4AuthScheme
import aws.smithy.kotlin.runtime.http.isSuccess
import aws.smithy.kotlin.runtime.http.operation.EndpointResolver
import aws.smithy.kotlin.runtime.http.operation.HttpDeserializer
import aws.smithy.kotlin.runtime.http.operation.HttpSerializer
import aws.smithy.kotlin.runtime.http.operation.OperationAuthConfig
import aws.smithy.kotlin.runtime.http.operation.SdkHttpOperation
import aws.smithy.kotlin.runtime.http.operation.roundTrip
import aws.smithy.kotlin.runtime.http.request.HttpRequestBuilder
import aws.smithy.kotlin.runtime.identity.asIdentityProviderConfig
import aws.smithy.kotlin.runtime.operation.ExecutionContext

private object Members : HttpSerializer.NonStreaming<Map<String, String>> {
    override fun serialize(context: ExecutionContext, input: Map<String, String>) = HttpRequestBuilder().apply {
        method = HttpMethod.POST
        url.path.encoded = "/"
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = HttpBody.fromBytes(form(*input.toList().toTypedArray()).encodeToByteArray())
    }
}

private object Document : HttpDeserializer.NonStreaming<String> {
    override fun deserialize(context: ExecutionContext, call: HttpCall, payload: ByteArray?): String {
        val document = payload ?: ByteArray(0)
        if (call.response.status.isSuccess()) return document.decodeToString()
        val details = parseRestXmlErrorResponse(document)
        throw ServiceException(details.message).also { setAseErrorMetadata(it, call.response, details) }
    }
}

class Iam(sts: StsClient) {
    private val config = sts.config
    private val http = SdkHttpClient(config.httpClient)

    /** The document that the operation is answered with. */
    suspend fun call(action: String, vararg members: Pair<String, String>): String {
        val operation = SdkHttpOperation.build<Map<String, String>, String> {
            serializeWith = Members
            deserializeWith = Document
            operationName = action
            serviceName = "IAM"
            execution.auth = OperationAuthConfig.from(config.credentialsProvider.asIdentityProviderConfig(), SigV4AuthScheme(DefaultAwsSigner, "iam"))
            execution.endpointResolver = EndpointResolver { Endpoint(System.getenv("AWS_ENDPOINT_URL_IAM")) }
            execution.retryStrategy = config.retryStrategy
            execution.retryPolicy = config.retryPolicy
            context[AwsSigningAttributes.SigningRegion] = config.region!!
        }
        return operation.roundTrip(http, mapOf("Action" to action, "Version" to "2010-05-08", *members))
    }
}
