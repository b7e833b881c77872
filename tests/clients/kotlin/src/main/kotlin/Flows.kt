// The flows of tests/clients/README.md with the AWS SDK for Kotlin: STS and S3; IAM: Iam.kt.
import aws.sdk.kotlin.runtime.auth.credentials.StaticCredentialsProvider
import aws.sdk.kotlin.runtime.auth.credentials.StsAssumeRoleCredentialsProvider
import aws.sdk.kotlin.services.s3.S3Client
import aws.sdk.kotlin.services.s3.listBuckets
import aws.sdk.kotlin.services.sts.StsClient
import aws.sdk.kotlin.services.sts.assumeRole
import aws.sdk.kotlin.services.sts.getCallerIdentity
import aws.sdk.kotlin.services.sts.getSessionToken
import aws.sdk.kotlin.services.sts.model.Credentials
import aws.smithy.kotlin.runtime.ServiceException
import kotlinx.coroutines.runBlocking
import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import kotlin.system.exitProcess

val role: String get() = System.getenv("ROLE_ARN")

fun fetch(url: String): String =
    HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI(url)).build(), HttpResponse.BodyHandlers.ofString()).body()

fun form(vararg fields: Pair<String, String>) = fields.joinToString("&") { "${it.first}=${URLEncoder.encode(it.second, Charsets.UTF_8)}" }

fun keys(made: Credentials?) = StaticCredentialsProvider {
    accessKeyId = made!!.accessKeyId
    secretAccessKey = made.secretAccessKey
    sessionToken = made.sessionToken
}

suspend fun buckets(made: Credentials?): String =
    S3Client.fromEnvironment { credentialsProvider = keys(made) }.use { s3 -> s3.listBuckets().buckets.orEmpty().joinToString(",") { it.name!! } }

suspend fun refused(work: suspend () -> Unit) {
    try {
        work()
    } catch (error: ServiceException) {
        println(error.sdkErrorMetadata.errorCode)
    }
}

suspend fun assumeRoleMfa(sts: StsClient) {
    refused { sts.assumeRole { roleArn = role; roleSessionName = "matrix" } }
    println(buckets(sts.assumeRole {
        roleArn = role
        roleSessionName = "matrix"
        serialNumber = System.getenv("MFA_SERIAL")
        tokenCode = fetch(System.getenv("MFA_CODE_URL"))
    }.credentials))
}

suspend fun sessionTokenMfa(sts: StsClient) {
    refused { buckets(sts.getSessionToken().credentials) }
    println(buckets(sts.getSessionToken {
        serialNumber = System.getenv("MFA_SERIAL")
        tokenCode = fetch(System.getenv("MFA_CODE_URL"))
    }.credentials))
}

suspend fun roleLife(iam: Iam) {
    val role = "RoleName" to System.getenv("ROLE_NAME")
    val policy = "PolicyArn" to System.getenv("POLICY_ARN")
    iam.call("CreateRole", role, "AssumeRolePolicyDocument" to System.getenv("TRUST"))
    iam.call("AttachRolePolicy", role, policy)
    Regex("<PolicyName>(.+?)</PolicyName>").findAll(iam.call("ListAttachedRolePolicies", role)).forEach { println(it.groupValues[1]) }
    iam.call("DetachRolePolicy", role, policy)
    iam.call("DeleteRole", role)
    refused { iam.call("GetRole", role) }
}

suspend fun federation(sts: StsClient) {
    val made = sts.assumeRole { roleArn = role; roleSessionName = "matrix" }.credentials!!
    val session = """{"sessionId":"${made.accessKeyId}","sessionKey":"${made.secretAccessKey}","sessionToken":"${made.sessionToken}"}"""
    val site = System.getenv("AWS_ENDPOINT_URL") + "/federation?"
    val token = Regex("\"SigninToken\" *: *\"([^\"]+)\"").find(fetch(site + form("Action" to "getSigninToken", "Session" to session)))!!.groupValues[1]
    println(site + form("Action" to "login", "Issuer" to "example.org", "Destination" to "https://console.aws.amazon.com/", "SigninToken" to token))
}

suspend fun run(flow: String) {
    StsClient.fromEnvironment().use { sts ->
        when (flow) {
            "identity" -> println(sts.getCallerIdentity().arn)
            "renewal" -> {
                do println(sts.getCallerIdentity().arn) while (fetch(System.getenv("LATER_URL")) == "again")
            }
            "assume-role" -> {
                val provider = StsAssumeRoleCredentialsProvider(bootstrapCredentialsProvider = sts.config.credentialsProvider, roleArn = role,
                                                                roleSessionName = "matrix")
                StsClient.fromEnvironment { credentialsProvider = provider }.use { println(it.getCallerIdentity().arn) }
            }
            "assume-role-mfa" -> assumeRoleMfa(sts)
            "session-token-mfa" -> sessionTokenMfa(sts)
            "role-life" -> roleLife(Iam(sts))
            "federation" -> federation(sts)
            "denied" -> try {
                sts.assumeRole { roleArn = role; roleSessionName = "matrix" }
            } catch (error: ServiceException) {
                println("${error.sdkErrorMetadata.errorCode}\n${error.message}")
            }
        }
    }
}

fun main(words: Array<String>) {
    runBlocking { run(words[0]) }
    exitProcess(0)
}
