-- One database for each node, which no other node may enter. The passwords come from the environment.
\getenv hub_password HUB_DATABASE_PASSWORD
\getenv gateway_password GATEWAY_DATABASE_PASSWORD
CREATE ROLE tongxing_hub LOGIN PASSWORD :'hub_password';
CREATE ROLE tongxing_gateway LOGIN PASSWORD :'gateway_password';
CREATE DATABASE tongxing_hub OWNER tongxing_hub ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
CREATE DATABASE tongxing_gateway OWNER tongxing_gateway ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
REVOKE ALL ON DATABASE tongxing_hub FROM PUBLIC;
REVOKE ALL ON DATABASE tongxing_gateway FROM PUBLIC;
