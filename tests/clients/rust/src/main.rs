//! The flows of tests/clients/README.md with the AWS SDK for Rust, of which STS and S3 are compiled here.
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

/// The next MFA code, by the plainest request there is.
fn code() -> Result<String, Failure> {
    let url = variable("MFA_CODE_URL");
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET / HTTP/1.0\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.rsplit("\r\n").next().unwrap_or_default().to_string())
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
        "identity" => println!("{}", sts.get_caller_identity().send().await?.arn().unwrap_or_default()),
        "renewal" => {
            println!("{}", sts.get_caller_identity().send().await?.arn().unwrap_or_default());
            std::thread::sleep(std::time::Duration::from_secs(variable("PAUSE").parse()?));
            println!("{}", sts.get_caller_identity().send().await?.arn().unwrap_or_default());
        }
        "assume-role" => {
            let provider = AssumeRoleProvider::builder(variable("ROLE_ARN")).session_name("matrix").configure(&config).build().await;
            let assumed = aws_config::from_env().credentials_provider(provider).load().await;
            println!("{}", aws_sdk_sts::Client::new(&assumed).get_caller_identity().send().await?.arn().unwrap_or_default());
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
        "denied" => {
            if let Err(refused) = role().send().await {
                println!("{}\n{}", refused.code().unwrap_or_default(), refused.message().unwrap_or_default());
            }
        }
        other => return Err(format!("there is no flow {other}").into()),
    }
    Ok(())
}
