//! The flows of tests/clients/README.md with the AWS SDK for Rust.
use std::env;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;

use aws_config::sts::AssumeRoleProvider;
use aws_config::SdkConfig;
use aws_sdk_sts::config::Credentials;
use aws_sdk_sts::error::ProvideErrorMetadata;

type Failure = Box<dyn Error>;

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// The body of an answer over plain HTTP, by the plainest request there is.
fn fetch(url: &str) -> Result<String, Failure> {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap_or((url, ""));
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.split_once("\r\n\r\n").unwrap_or_default().1.to_string())
}

fn code() -> Result<String, Failure> {
    fetch(&variable("MFA_CODE_URL"))
}

async fn identity(sts: &aws_sdk_sts::Client) -> Result<(), Failure> {
    println!("{}", sts.get_caller_identity().send().await?.arn().unwrap_or_default());
    Ok(())
}

async fn role_life(config: &SdkConfig) -> Result<(), Failure> {
    let (iam, name, policy) = (aws_sdk_iam::Client::new(config), variable("ROLE_NAME"), variable("POLICY_ARN"));
    iam.create_role().role_name(&name).assume_role_policy_document(variable("TRUST")).send().await?;
    iam.attach_role_policy().role_name(&name).policy_arn(&policy).send().await?;
    let attached = iam.list_attached_role_policies().role_name(&name).send().await?;
    println!("{}", attached.attached_policies()[0].policy_name().unwrap_or_default());
    iam.detach_role_policy().role_name(&name).policy_arn(&policy).send().await?;
    iam.delete_role().role_name(&name).send().await?;
    if let Err(refused) = iam.get_role().role_name(&name).send().await {
        println!("{}", refused.code().unwrap_or_default());
    }
    Ok(())
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn federation(made: &aws_sdk_sts::types::Credentials) -> Result<(), Failure> {
    let session = format!(
        r#"{{"sessionId":"{}","sessionKey":"{}","sessionToken":"{}"}}"#,
        made.access_key_id(),
        made.secret_access_key(),
        made.session_token()
    );
    let site = format!("{}/federation?", variable("AWS_ENDPOINT_URL"));
    let answer = fetch(&format!("{site}{}", form(&[("Action", "getSigninToken"), ("Session", &session)])))?;
    let token = answer.split('"').skip_while(|word| *word != "SigninToken").nth(2).ok_or("there is no SigninToken")?;
    let link = form(&[("Action", "login"), ("Issuer", "example.org"), ("Destination", "https://console.aws.amazon.com/"), ("SigninToken", token)]);
    println!("{site}{link}");
    Ok(())
}

fn keys(made: &aws_sdk_sts::types::Credentials) -> Credentials {
    Credentials::new(made.access_key_id(), made.secret_access_key(), Some(made.session_token().to_string()), None, "flows")
}

async fn buckets(config: &SdkConfig, made: Option<&aws_sdk_sts::types::Credentials>) -> Result<String, aws_sdk_s3::Error> {
    let own = aws_sdk_s3::config::Builder::from(config).credentials_provider(keys(made.expect("credentials"))).force_path_style(true).build();
    let answer = aws_sdk_s3::Client::from_conf(own).list_buckets().send().await?;
    Ok(answer.buckets().iter().filter_map(|bucket| bucket.name()).collect::<Vec<_>>().join(","))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let config = aws_config::load_from_env().await;
    let sts = aws_sdk_sts::Client::new(&config);
    let role = || sts.assume_role().role_arn(variable("ROLE_ARN")).role_session_name("matrix");
    match env::args().nth(1).unwrap_or_default().as_str() {
        "identity" => identity(&sts).await?,
        "renewal" => {
            identity(&sts).await?;
            while fetch(&variable("LATER_URL"))? == "again" {
                identity(&sts).await?;
            }
        }
        "assume-role" => {
            let provider = AssumeRoleProvider::builder(variable("ROLE_ARN")).session_name("matrix").configure(&config).build().await;
            let assumed = aws_config::from_env().credentials_provider(provider).load().await;
            identity(&aws_sdk_sts::Client::new(&assumed)).await?;
        }
        "assume-role-mfa" => {
            if let Err(refused) = role().send().await {
                println!("{}", refused.code().unwrap_or_default());
            }
            let session = role().serial_number(variable("MFA_SERIAL")).token_code(code()?).send().await?;
            println!("{}", buckets(&config, session.credentials()).await?);
        }
        "session-token-mfa" => {
            if let Err(refused) = buckets(&config, sts.get_session_token().send().await?.credentials()).await {
                println!("{}", refused.code().unwrap_or_default());
            }
            let session = sts.get_session_token().serial_number(variable("MFA_SERIAL")).token_code(code()?).send().await?;
            println!("{}", buckets(&config, session.credentials()).await?);
        }
        "role-life" => role_life(&config).await?,
        "federation" => federation(role().send().await?.credentials().ok_or("no credentials")?)?,
        "denied" => {
            if let Err(refused) = aws_sdk_iam::Client::new(&config).list_users().send().await {
                println!("{}\n{}", refused.code().unwrap_or_default(), refused.message().unwrap_or_default());
            }
        }
        other => return Err(format!("there is no flow {other}").into()),
    }
    Ok(())
}
