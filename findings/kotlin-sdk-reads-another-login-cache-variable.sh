#!/usr/bin/env bash
# The AWS SDK for Kotlin 1.6.0 looks for the cache of `aws login` where AWS_LOGIN_IN_CACHE_DIRECTORY says, a name that no other SDK reads.
#
# Guess: AWS_LOGIN_CACHE_DIRECTORY moves the cache for every SDK, as it does for the AWS CLI, botocore, Go, Rust and JavaScript.
# Seen:  the SDK for Kotlin passes that by and looks into the home of the machine's user: "Invalid or missing login session cache. Run
#        `aws login`", after which its chain goes on to other credentials. With the other name it takes the credentials of the cache.
# Why it matters: who keeps the cache elsewhere (containers, tests, several sessions on one machine) must set both names, or a program
#        runs as somebody else than the person who logged in.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src" "$work/cache"
cat > "$work/pom.xml" <<'POM'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>finding</groupId><artifactId>finding</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>aws.sdk.kotlin</groupId><artifactId>aws-config-jvm</artifactId><version>1.6.0</version></dependency>
  </dependencies>
  <build>
    <sourceDirectory>src</sourceDirectory>
    <plugins>
      <plugin>
        <groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-maven-plugin</artifactId><version>2.4.21</version>
        <executions><execution><goals><goal>compile</goal></goals><configuration><jvmTarget>17</jvmTarget></configuration></execution></executions>
      </plugin>
    </plugins>
  </build>
</project>
POM
cat > "$work/src/Main.kt" <<'KT'
import aws.sdk.kotlin.runtime.auth.credentials.DefaultChainCredentialsProvider
import kotlinx.coroutines.runBlocking
import kotlin.system.exitProcess

fun main() {
    try {
        runBlocking { println(DefaultChainCredentialsProvider().resolve().accessKeyId) }
    } catch (error: Exception) {
        println("none: " + error.suppressedExceptions.map { it.message }.firstOrNull { "login" in (it ?: "") })
    }
    exitProcess(0)
}
KT
(cd "$work" && mvn -B -q package dependency:copy-dependencies -DoutputDirectory=lib)

# What `aws login` leaves: a session in the profile, and its credentials, good for an hour, in the cache.
session=arn:aws:iam::123456789012:user/developer
printf '[default]\nregion = us-east-1\nlogin_session = %s\n' "$session" > "$work/config"
key=$(openssl ecparam -name prime256v1 -genkey -noout | sed -z 's/\n/\\n/g')
cat > "$work/cache/$(printf %s "$session" | sha256sum | cut -d' ' -f1).json" <<JSON
{"accessToken": {"accessKeyId": "ASIAFROMTHECACHE0000", "secretAccessKey": "secret", "sessionToken": "token", "accountId": "123456789012",
  "expiresAt": "$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%SZ)"}, "tokenType": "aws_sigv4", "clientId": "arn:aws:signin:::devtools/same-device",
  "refreshToken": "refresh", "idToken": "a.b.c", "dpopKey": "$key"}
JSON
mkdir "$work/home"
ask() {
  env -i PATH="$PATH" "$1=$work/cache" AWS_CONFIG_FILE="$work/config" AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true \
    "${JAVA_HOME:+$JAVA_HOME/bin/}java" -Duser.home="$work/home" -cp "$work/target/finding-1.jar:$work/lib/*" MainKt 2> /dev/null
}
common=$(ask AWS_LOGIN_CACHE_DIRECTORY)
other=$(ask AWS_LOGIN_IN_CACHE_DIRECTORY)
echo "AWS_LOGIN_CACHE_DIRECTORY:    $common"
echo "AWS_LOGIN_IN_CACHE_DIRECTORY: $other"
[[ $common == none:* && $other == ASIAFROMTHECACHE0000 ]]
